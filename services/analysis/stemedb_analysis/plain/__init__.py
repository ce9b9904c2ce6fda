"""Files in languages that nobody parses here: which ones are read as text, what is a comment in them, and the literals under names that could be secret."""
