"""What the contestants train, and what one training took."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from covey_cli.local_run.data import split_shipped
from covey_cli.local_run.partitions import Split
from covey_runtimes import environments

if TYPE_CHECKING:
    from usage import Sampler

APP = Path(__file__).parents[2] / "examples/fleet/jobs/vision/digits/app"
_EVALUATE = """

@app.evaluate()
def on_evaluate(message: Message, context: Context) -> Message:
    images, labels = load("train")
    model = {name: array.numpy() for name, array in message.content["arrays"].items()}
    metrics = {"num-examples": len(labels), **measure(model, images, labels)}
    return Message(RecordDict({"metrics": MetricRecord(metrics)}), reply_to=message)
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """The same for all contestants: the app's folder, and each collaborator's data."""

    runtime: str
    app: Path
    data: dict[str, Path]
    rounds: int
    seconds: float = 1800.0

    @property
    def nodes(self) -> int:
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Training:
    """In seconds since 1970; `marks` are moments between which whole rounds lie, one between each two."""

    began: float
    trained: float
    marks: tuple[float, ...]
    steps: tuple[tuple[str, float], ...] = ()

    @property
    def rounds(self) -> list[float]:
        return [after - before for before, after in zip(self.marks, self.marks[1:], strict=False)]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one training, each for one round but `whole` and `memory`."""

    rounds: list[float]
    cpu: float
    memory: float
    whole: float
    steps: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, training: Training, seen: Sampler) -> Figures:
        first, last = training.marks[0], training.marks[-1]
        return cls(
            rounds=training.rounds,
            cpu=seen.cpu(first, last) / len(training.rounds),
            memory=seen.memory(first, last),
            whole=training.trained - training.began,
            steps=training.steps,
        )


def setting(folder: Path, runtime: str, *, nodes: int, rounds: int, evaluating: bool = False) -> Setting:
    """`evaluating`: in a message of its own, as Flower's templates do it."""
    names = [f"site-{number}" for number in range(1, nodes + 1)]
    split_shipped(folder / "data", "digits", names, how=Split.parse("iid"), seed=1)
    app = folder / "app"
    shutil.copytree(APP, app, ignore=shutil.ignore_patterns("__pycache__"))
    if evaluating:
        server, client = app / "digits/server_app.py", app / "digits/client_app.py"
        text = server.read_text()
        server.write_text(text.replace("FedAvg(fraction_evaluate=0.0)", "FedAvg()"))
        if server.read_text() == text:
            raise RuntimeError(f"{server} has another strategy now; this benchmark changes it.")
        client.write_text(client.read_text() + _EVALUATE)
    return Setting(runtime, app, {name: folder / "data" / name / "data" for name in names}, rounds)


def clean(folder: Path) -> None:
    """Apps are read-only there, as in an image."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
    shutil.rmtree(folder)


def environment(runtime: str, app: Path) -> dict[str, str]:
    """For programs of the runtime's own environment, the one that Covey uses as well."""
    programs = environments.python(runtime, app).parent
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "PATH": os.pathsep.join((str(programs), os.environ["PATH"])),
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "200",
    }
