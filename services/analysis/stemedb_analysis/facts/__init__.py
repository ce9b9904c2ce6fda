"""What a file says, as typed facts: the layer between the parsers and the rules."""
