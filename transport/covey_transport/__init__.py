"""Room of identities and proxies: SPIFFE URIs, certificates, Envoy configuration; filled by a later issue."""
