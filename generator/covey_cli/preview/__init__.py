"""`covey preview`: which clusters the jobs of a fleet repo would get, and why the others not."""
