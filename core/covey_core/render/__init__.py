"""Model in, manifests out: one deterministic function per object."""
