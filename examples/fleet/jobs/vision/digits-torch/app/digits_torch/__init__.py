"""Handwritten digits by a small convolutional network in PyTorch, for Flower and for OpenFL."""
