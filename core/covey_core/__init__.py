"""The shared vocabulary of Covey, pure: no files, no processes, no clock."""
