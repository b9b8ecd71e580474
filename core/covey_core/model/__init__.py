"""Frozen models of what people write: fleet, data sets, jobs."""
