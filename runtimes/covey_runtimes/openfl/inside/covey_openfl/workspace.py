"""The workspace of this process: a copy of the app, with the plan of this run, equal on every side."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from openfl.federated import Plan

from covey_openfl.configuration import settle

FOLDER = Path("workspace")
_PLAN, _COLS, _DATA = Path("plan/plan.yaml"), Path("plan/cols.yaml"), Path("plan/data.yaml")
_PARTS = ("plan", "save", "logs", "local_state", "data")  # `fx workspace create` makes these too
_NETWORK = {
    # The proxies do TLS. The port is set on the objects, when the plan has been hashed.
    "agg_addr": "127.0.0.1",
    "agg_port": 1,
    "use_tls": False,
    "require_client_auth": False,
    "transport_protocol": "grpc",
    "enable_atomic_connections": False,
}


class NoWorkspaceError(Exception):
    """The message is one sentence."""


def make() -> Plan:
    """Makes the workspace, goes into it, and returns its plan."""
    app = Path(os.environ["COVEY_APP"])
    if not (app / _PLAN).is_file():
        raise NoWorkspaceError(f"The app is no OpenFL workspace: it has no {_PLAN}.")
    _copy(app)
    salt = digest(FOLDER)
    os.chdir(FOLDER)
    sys.path.insert(0, str(Path.cwd()))
    data = _data_path()
    _DATA.write_text(f"{os.environ['COVEY_NAME']},{data}\n")
    _COLS.write_text("collaborators: []\n")
    plan = Plan.parse(_PLAN, resolve=False)
    if "connector" in plan.config:
        raise NoWorkspaceError("The plan has a connector to another framework: use that framework's own runtime.")
    network = {**_NETWORK, "hash_salt": salt}  # another app has another plan
    words, rounds = json.loads(os.environ["COVEY_CONFIGURATION"]), int(os.environ["COVEY_ROUNDS"])
    settle(plan.config, words, rounds=rounds, network=network)
    Plan.dump(_PLAN, plan.config)
    plan = Plan.parse(_PLAN, _COLS, _DATA)
    _forget(plan.config["aggregator"]["settings"])
    plan.federation_uuid += f"_{os.environ['COVEY_EPOCH']}"  # nobody of another epoch is taken for one of this
    plan.config["network"]["settings"]["agg_port"] = int(os.environ["COVEY_PORT"])
    return plan


def digest(folder: Path) -> str:
    """Of all names and contents, so that a collaborator refuses to train with an aggregator that has another app."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, content = str(path.relative_to(folder)).encode(), path.read_bytes()
        found.update(b"%d %d " % (len(name), len(content)) + name + content)
    return found.hexdigest()


def _copy(app: Path) -> None:
    """Apps write beside their code, and the app's folder is read-only."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    no_part = shutil.ignore_patterns(*json.loads(os.environ["COVEY_NO_PART"]))
    shutil.copytree(app, FOLDER, copy_function=shutil.copyfile, ignore=no_part)
    for place in (FOLDER, *(path for path in FOLDER.rglob("*") if path.is_dir())):
        place.chmod(0o700)
    for part in _PARTS:
        (FOLDER / part).mkdir(exist_ok=True)


def _forget(settings: dict[str, Any]) -> None:
    """Results that the app brings along are not this run's; weights to begin with are another matter."""
    for name in ("best_state_path", "last_state_path"):
        if settings.get(name) and settings[name] != settings.get("init_state_path"):
            Path(settings[name]).unlink(missing_ok=True)


def _data_path() -> str:
    """The data's folder; where the app's own plan/data.yaml has numbers of shards, as templates do, such a number."""
    written = _DATA.read_text().splitlines() if _DATA.exists() else []
    paths = [line.partition(",")[2].strip() for line in written if "," in line and not line.startswith("#")]
    if paths and all(path.isdecimal() for path in paths) and (part := os.environ["COVEY_PARTITION"]):
        return str(int(part) + 1)
    return os.environ["COVEY_DATA"]
