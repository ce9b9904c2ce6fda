"""A project's own side of a scan: its baseline, suppressions, acknowledgements, claims, markers and policy packs."""
