"""Runs in OpenFL's own environment, where nothing of Covey but this folder can be imported. Made for openfl 1.9."""
