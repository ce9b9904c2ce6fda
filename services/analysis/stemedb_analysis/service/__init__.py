"""The analysis service: scans on request, and judges what all replicas observe."""
