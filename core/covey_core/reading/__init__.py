"""YAML text to documents, strictly, with positions on demand."""
