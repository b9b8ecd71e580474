"""The launchers' contract as values: start data, events, checkpoints, results, exit codes. No I/O."""
