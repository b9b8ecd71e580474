"""What both launchers share: the run's files, the runtime's processes, and the loop that follows them."""
