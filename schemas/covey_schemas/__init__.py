"""JSON Schemas and CRDs of our kinds, schemas of the foreign kinds that we emit, and their loader."""
