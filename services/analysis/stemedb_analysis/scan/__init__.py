"""A scan: files in, observations out."""
