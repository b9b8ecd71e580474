"""What is left of a run, as values: metrics per round, results per class, the timeline, the summary. No I/O."""
