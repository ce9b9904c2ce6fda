"""Reports: one value, `Report`, and functions of it for each format."""
