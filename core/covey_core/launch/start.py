"""`start.json`: all that a launcher knows of its run beforehand; `render/start.py` writes most of it into Git."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covey_core.launch.exits import Exit, LaunchError
from covey_core.launch.fields import Fields
from covey_core.manifests import digest
from covey_core.model.job import Privacy, Timeouts

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTRACT = 1
_NAME = r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?"
_DIGEST = r"sha256:[0-9a-f]{64}"
_UID = r"[0-9A-Za-z][-0-9A-Za-z]{0,46}"  # an epoch is it with 17 characters more, at most 64
# The same on every Pod of a run, and on every restart; who runs it, and where, is no input of a training.
_INPUTS = ("run", "runtime", "rounds", "minimum", "minimumPerRound", "configuration", "image", "appDigest", "privacy")
_LONGEST = 366 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Run:
    namespace: str
    job: str
    number: int
    uid: str


@dataclass(frozen=True, slots=True)
class Ports:
    """All on loopback but the aggregator's `proxy`, which is the listener for the collaborators' proxies.

    At the aggregator the runtime listens on `runtime`, and the proxy's session on `session`. A collaborator finds both
    behind its own proxy, on `proxy`.
    """

    proxy: int
    runtime: int
    session: int


@dataclass(frozen=True, slots=True)
class Start:
    """`name` is the file's `self`; `app_digest` and `image` are empty where nobody said them.

    `proxy` is for the proxy alone: which of the runtime's paths it lets through.
    """

    side: str
    run: Run
    name: str
    runtime: str
    rounds: int
    minimum: int
    minimum_per_round: int
    configuration: Mapping[str, Any]
    image: str
    app_digest: str
    ports: Ports
    timeouts: Timeouts
    privacy: Privacy | None
    proxy: Mapping[str, Any]
    inputs_digest: str


def parse(data: bytes) -> Start:
    """The start data in `data`; raises LaunchError with every mistake in one message."""
    try:
        value = json.loads(data)
    except ValueError as error:
        raise LaunchError(f"start.json is not JSON: {error}.", code=Exit.START) from None
    if not isinstance(value, dict):
        raise LaunchError("start.json must hold one mapping.", code=Exit.START)
    if value.get("contract") != CONTRACT:
        said = json.dumps(value.get("contract"))
        raise LaunchError(
            f"start.json has contract version {said}; this launcher knows version {CONTRACT}: "
            "use an image and a renderer of the same Covey.",
            code=Exit.START,
        )
    fields = Fields(value)
    start = _start(fields, value)
    fields.end()
    if fields.mistakes:
        raise LaunchError("start.json: " + " ".join(fields.mistakes), code=Exit.START)
    return start


def _start(fields: Fields, value: Mapping[str, Any]) -> Start:
    fields.whole("contract", low=CONTRACT, high=CONTRACT)
    minimum = fields.whole("minimum", low=1, high=100_000)
    return Start(
        side=fields.text("side", choices=("aggregator", "collaborator")),
        run=_run(fields.inside("run")),
        name=fields.text("self", pattern=_NAME),
        runtime=fields.text("runtime", pattern=_NAME),
        rounds=fields.whole("rounds", low=1, high=1_000_000),
        minimum=minimum,
        minimum_per_round=fields.whole("minimumPerRound", low=1, high=100_000, default=minimum),
        configuration=fields.mapping("configuration", default={}),
        image=fields.text("image", pattern=_DIGEST + "|", default=""),
        app_digest=fields.text("appDigest", pattern=_DIGEST, default=""),
        ports=_ports(fields.inside("ports")),
        timeouts=_timeouts(fields.inside("timeouts")),
        privacy=_privacy(fields.inside("privacy")) if "privacy" in value else None,
        proxy=fields.mapping("proxy", default={}),
        inputs_digest=digest({name: value[name] for name in _INPUTS if name in value}),
    )


def _run(fields: Fields) -> Run:
    run = Run(
        namespace=fields.text("namespace", pattern=_NAME),
        job=fields.text("job", pattern=_NAME),
        number=fields.whole("number", low=1, high=99_999),
        uid=fields.text("uid", pattern=_UID),
    )
    fields.end()
    return run


def _ports(fields: Fields) -> Ports:
    def port(name: str) -> int:
        return fields.whole(name, low=1, high=65_535)

    ports = Ports(proxy=port("proxy"), runtime=port("runtime"), session=port("session"))
    fields.end()
    return ports


def _timeouts(fields: Fields) -> Timeouts:
    def seconds(name: str) -> int:
        return fields.whole(name, low=1, high=_LONGEST)

    timeouts = Timeouts(waiting=seconds("waiting"), round=seconds("round"), run=seconds("run"))
    fields.end()
    return timeouts


def _privacy(fields: Fields) -> Privacy:
    privacy = Privacy(
        epsilon=fields.number("epsilon"),
        delta=fields.number("delta"),
        clipping_norm=fields.number("clippingNorm"),
        noise_multiplier=fields.number("noiseMultiplier"),
    )
    fields.end()
    return privacy
