"""The frameworks' environments, made once for this machine by `make runtimes`; tests never make one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from covey_core.launch.exits import LaunchError
from covey_runtimes import environments


def made_environments(*runtimes: str) -> dict[str, str]:
    """What a process with a home of its own needs to find them; skips the test where one is missing."""
    for runtime in runtimes or ("flower", "openfl"):
        try:
            environments.python(runtime)
        except LaunchError:
            pytest.skip(f"the environment of {runtime} is not made: run `make runtimes`")
    if given := os.environ.get(environments.FOLDER):
        return {environments.FOLDER: given}
    return {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")}
