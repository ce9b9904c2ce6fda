"""Secrets in source and configuration: found by shape, by name and entropy, by default (`detect`); never shown (`redact`)."""
