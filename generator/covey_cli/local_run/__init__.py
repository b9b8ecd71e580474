"""`covey run`: one training on this machine, with the programs that the clusters use."""
