# Each target does its own set-up and is safe to run again.
