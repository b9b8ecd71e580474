"""Options and paths that all tests share."""

from __future__ import annotations

import gc
from pathlib import Path

from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# A busy machine is no fault of the code; all else is as hypothesis has it, here or in CI.
settings.register_profile("covey", settings.default, deadline=None)
settings.load_profile("covey")

gc.disable()  # nothing of what is collected is garbage, and looking for some takes a fifth of the time

pytest_plugins = ["controlplane.fixtures"]

_ON_PLANES = (
    "tests/contract/ocm/",
    "tests/contract/planes/",
    "tests/contract/nodes/",
    "tests/contract/argocd/",
    "tests/contract/test_api_server_",
    "tests/e2e/test_preview_of_a_hub.py",
)
# What their tests share takes longer to make than the tests themselves.
_TOGETHER = (
    "tests/contract/adapters/test_openfl.py",
    "tests/contract/adapters/test_training.py",
    "tests/e2e/test_flower_through_proxies.py",
    "tests/e2e/test_openfl_through_proxies.py",
    "tests/e2e/test_proxy_refusals.py",
    "tests/unit/covey_runtimes/test_environments.py",
)
SHARED = Path(__file__).resolve().parents[2] / "shared"


class OneByOne(LoadScopeScheduling):
    """Each test goes to whichever worker is free, but for those that share something dear.

    Tests on planes share one worker: two planes at once need more of a small machine than they save.
    """

    def _split_scope(self, nodeid):
        if nodeid.startswith(_ON_PLANES):
            return "planes"
        file = nodeid.partition("::")[0]
        return file if file in _TOGETHER else nodeid


def _kind_of_plane(item):
    ordered = ("kinds_plane", "module_kinds_plane", "ocm_plane")
    return max((ordered.index(name) + 1 for name in item.fixturenames if name in ordered), default=0)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.nodeid.startswith(_ON_PLANES):
            item.add_marker("planes")
    items.sort(key=_kind_of_plane)  # one after the other


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


def pytest_xdist_make_scheduler(config, log):
    return OneByOne(config, log)


def pytest_addoption(parser):
    parser.addoption("--update-goldens", action="store_true", help="write the expected files anew")


def pytest_report_header():
    if SHARED.is_dir():
        return "contract: CRDs and recordings of other projects found in ../shared"
    return "contract: ../shared is not there, so nothing is compared with other projects' CRDs and recordings"
