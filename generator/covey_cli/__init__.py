"""The click CLI: one file per command."""
