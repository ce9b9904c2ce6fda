"""The index service of StemeDB."""
