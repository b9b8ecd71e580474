"""Checks beyond the schemas: whether what people wrote fits together."""
