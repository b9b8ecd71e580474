"""What the processes of both frameworks tell their launcher; it needs neither of them, nor anything of Covey."""
