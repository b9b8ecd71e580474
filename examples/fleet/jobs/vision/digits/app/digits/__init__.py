"""Handwritten digits by logistic regression in NumPy, for Flower and for OpenFL."""
