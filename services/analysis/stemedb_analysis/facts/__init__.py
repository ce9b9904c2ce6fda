"""What a file says, as typed facts: the layer between the parsers and the rules.

Nothing is imported here: whoever asks for the model alone must not load the parsers.
"""
