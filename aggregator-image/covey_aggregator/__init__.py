"""The launcher beside an aggregator's runtime: starts it, follows it, keeps its rounds."""
