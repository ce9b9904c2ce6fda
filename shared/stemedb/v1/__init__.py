"""Modules generated from ``proto-schemas/stemedb/v1`` by ``make proto``; never edited by hand."""
