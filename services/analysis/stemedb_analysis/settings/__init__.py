"""Configuration files: what they set and where (`extract`), and what kind of document they are (`kinds`).

Nothing is imported here: who only asks for the format of a name needs no parser.
"""
