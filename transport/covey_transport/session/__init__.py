"""The session: each start of the aggregator is an epoch, in which each collaborator registers its key."""
