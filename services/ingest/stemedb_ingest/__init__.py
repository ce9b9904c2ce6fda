"""The ingest service of StemeDB: statements in, write-ahead log and Merkle log out."""
