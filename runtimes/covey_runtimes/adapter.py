"""What a runtime's module must give; strangers register theirs under the entry point group `covey.runtimes`.

The module has `RUNTIME` (cheap: the renderer imports it), the two functions of `Adapter`, and `interpreter(app, tell)`
where apps run in an environment of the runtime's own. What it knows of the launcher stands in `Place`; what it wants
stands in `Process`. In between are processes, files and loopback ports only: the runtime's own code needs no import of
Covey and may live in another environment.

A process appends its reports as JSON lines to the file in `COVEY_REPORTS` (see `covey_core.launch.events`). A finished
round is a folder in `COVEY_HANDOFF`, complete before its report names it; the model is the folder `model` there. A
process that ends with 20 (app), 30 (start data) or 40 (data gone) ends its side with that code, any other with 10.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping  # noqa: TC003 - the dataclass's annotations are read by people's tools
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes import registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from covey_core.launch.start import Start
    from covey_core.model.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Resume:
    """The last finished round, and the folder with what the runtime handed over after it."""

    round: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where a side runs: folders, the epoch of its session, and what to go on from.

    `members` is a JSON mapping of collaborators' names to the public keys that they registered in this epoch (the
    aggregator's side keeps it up to date). `port` is the loopback port of the runtime: where the aggregator's listens,
    or where a collaborator finds it, behind its proxy.
    """

    start: Start
    app: Path
    data: Path
    tmp: Path
    reports: Path
    handoff: Path
    members: Path
    epoch: str
    resume: Resume | None

    @property
    def port(self) -> int:
        ports = self.start.ports
        return ports.runtime if self.start.side == "aggregator" else ports.proxy

    @property
    def needed(self) -> int:
        """Collaborators to begin with: fewer will do once a round has been finished."""
        return self.start.minimum_per_round if self.resume else self.start.minimum

    def environment(self) -> dict[str, str]:
        """What every runtime process finds in its environment."""
        return {
            "COVEY_APP": str(self.app),
            "COVEY_DATA": str(self.data),
            "COVEY_REPORTS": str(self.reports),
            "COVEY_HANDOFF": str(self.handoff),
            "COVEY_NAME": self.start.name,
        }


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a side, started in the order given; `port` is awaited on loopback before the next one starts.

    The end of a `main` process with 0 is the side's good end; any other end of any process is its bad end.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    main: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """The processes of one side, and the public key that a collaborator registers for this epoch.

    The proxy binds the key to the certificate; a runtime without keys of its own gives a random word: one that others
    of the run can guess, they can register first. `farewell` is for runtimes whose collaborators don't learn from
    the runtime that all is done: the seconds for which the aggregator's launcher stays to tell theirs.
    """

    processes: tuple[Process, ...]
    public_key: str = ""
    farewell: float = 0.0


class Adapter(Protocol):
    """The shape of a runtime's module."""

    RUNTIME: Runtime

    def aggregator(self, place: Place) -> Side: ...

    def collaborator(self, place: Place) -> Side: ...


def find(name: str) -> Adapter:
    """The adapter of that name; raises LaunchError where it is not installed or has not this shape."""
    try:
        runtime = registry.module(name)
    except registry.BadRuntimeError as error:
        raise LaunchError(str(error), code=Exit.START) from error
    if runtime is None:
        known = ", ".join(registry.names())
        raise LaunchError(f"The runtime {name!r} is not installed here; these are: {known}.", code=Exit.START)
    module = importlib.import_module(runtime)
    for function in ("aggregator", "collaborator"):
        if not callable(getattr(module, function, None)):
            raise LaunchError(f"The runtime {name!r} can't run yet: {runtime} has no {function}().", code=Exit.START)
    return cast("Adapter", module)


def interpreter(name: str, app: Path, *, tell: Callable[[str], None] | None = None) -> Path:
    """The Python that runs this app's code, its environment made where need be; raises NoEnvironmentError.

    `tell` hears of what takes its time. A runtime that does not say has no environment of its own.
    """
    found = getattr(find(name), "interpreter", None)
    return cast("Path", found(app, tell)) if found else Path(sys.executable)


def version(name: str) -> str:
    """Of the framework, where the runtime's module says which distribution it is (`DISTRIBUTION`); else empty."""
    from covey_runtimes import environments  # noqa: PLC0415 - launchers don't ask

    distribution = getattr(find(name), "DISTRIBUTION", "")
    return environments.version(name, distribution) if distribution else ""
