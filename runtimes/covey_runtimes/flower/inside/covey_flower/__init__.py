"""Runs in Flower's own environment, where nothing of Covey but this folder can be imported. Made for flwr 1.41."""
