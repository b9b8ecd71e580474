"""The launcher beside a collaborator's runtime: starts it anew in each epoch of the aggregator."""
