"""Certificates: a throw-away authority, leaves for both sides, and the folders they lie in."""
