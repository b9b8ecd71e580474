"""Where our code is that runs in a framework's environment, which has nothing else of Covey."""

from __future__ import annotations

import os
from importlib.resources import files


def inside(runtime: str) -> str:
    """For PYTHONPATH: that runtime's own part, and what all share."""
    return os.pathsep.join(
        (str(files(f"covey_runtimes.{runtime}") / "inside"), str(files("covey_runtimes") / "inside"))
    )
