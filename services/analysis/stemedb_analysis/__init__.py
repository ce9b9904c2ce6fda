"""The analysis service: a truth linter over the assertion store."""
