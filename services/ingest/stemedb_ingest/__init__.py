"""The ingest service of StemeDB."""
