"""Makes the parts of Flower's adapter that need no Flower importable, and finds the environment for those that do."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from covey_core.launch.exits import LaunchError
from covey_runtimes import environments, own_code

INSIDE = own_code.inside("flower")
sys.path[:0] = INSIDE.split(os.pathsep)


@pytest.fixture(scope="session")
def inside():
    """Runs words with Python in Flower's own environment."""
    try:
        python = environments.python("flower")
    except LaunchError:
        pytest.skip("the environment of flower is not made: run `make runtimes`")

    def run(*words, **env):
        surroundings = {**os.environ, "PYTHONPATH": INSIDE, "FLWR_TELEMETRY_ENABLED": "0", **env}
        return subprocess.run((python, "-P", *words), env=surroundings, capture_output=True, text=True, check=False)

    return run
