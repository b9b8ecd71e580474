"""OpenFL without Covey, as its documentation starts it: `fx plan initialize`, one aggregator, collaborators."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

import yaml_rs
from stack import Stack
from trainings import Training, environment

from federations import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from trainings import Setting

NOTE = "no TLS (`use_tls: false`), on loopback; its other settings are its defaults; compiled bytecode"
_FOLDERS = ("save", "logs", "local_state", "data", "cert")  # `fx workspace create` makes them


def train(setting: Setting, folder: Path) -> Training:
    env = environment("openfl", setting.app)
    began = time.time()
    hub = _workspace(setting, folder / "aggregator", port=free_port())
    own = env | {"COVEY_DATA": str(next(iter(setting.data.values())))}
    with Stack(folder / "log.txt") as stack:
        if stack.start("fx", "plan", "initialize", "-a", "127.0.0.1", cwd=hub, env=own).wait():
            raise RuntimeError(f"`fx plan initialize` failed; the log is {stack.log}.")
        sides = {name: shutil.copytree(hub, folder / name) for name in setting.data}
        stack.start("fx", "aggregator", "start", cwd=hub, env=own)
        for name, side in sides.items():
            data = env | {"COVEY_DATA": str(setting.data[name])}
            stack.start("fx", "collaborator", "start", "-n", name, cwd=side, env=data)
        trained = stack.wait("Experiment Completed", seconds=setting.seconds)[0]
        marks = (*stack.times(r"Starting round [1-9]\d*\.\.\."), trained)
        if len(marks) != setting.rounds:
            raise RuntimeError(f"OpenFL told of {len(marks)} rounds, not {setting.rounds}; the log is {stack.log}.")
    return Training(began, trained, marks)


def _workspace(setting: Setting, folder: Path, *, port: int) -> Path:
    shutil.copytree(setting.app, folder)
    for name in _FOLDERS:
        (folder / name).mkdir()
    plan = yaml_rs.loads((folder / "plan/plan.yaml").read_text())
    plan["aggregator"]["settings"]["rounds_to_train"] = setting.rounds
    network = plan["network"].setdefault("settings", {})
    network |= {"use_tls": False, "require_client_auth": False, "agg_port": port, "agg_addr": "127.0.0.1"}
    (folder / "plan/plan.yaml").write_text(yaml_rs.dumps(plan))
    names = list(setting.data)
    (folder / "plan/cols.yaml").write_text(f"collaborators: [{', '.join(names)}]\n")
    (folder / "plan/data.yaml").write_text("".join(f"{name},{setting.data[name]}{os.linesep}" for name in names))
    return folder
