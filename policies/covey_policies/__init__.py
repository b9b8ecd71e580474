"""Room of the rule engine and the KRM function; the rules come with a later issue."""
