"""Identities and proxies: certificates, Envoy's configuration, the roster, the session, the program `covey-proxy`."""
