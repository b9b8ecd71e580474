"""Envoy's configuration for both sides: pure functions from frozen models to plain data."""
