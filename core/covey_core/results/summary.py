"""The summary of a run: `run.json` when it starts (`RunFacts`), `metrics_summary.json` when it ends (`Summary`)."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the codec reads the types when it runs
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from .evaluation import Evaluation  # noqa: TC001 - as above
from .series import Round, Share, by_collaborator
from .timeline import Attempts, Moment, attempts, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covey_core.launch.events import Event

VERSION: Final = 1


class State(StrEnum):
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    INTERRUPTED = "Interrupted"


@dataclass(frozen=True, slots=True)
class Data:
    """What was trained on; `held_out` samples were kept from everybody, to test the model with."""

    name: str
    source: str = ""
    split: str = ""
    seed: int = 0
    classes: tuple[str, ...] = ()
    held_out: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A collaborator and what it holds; `counts` are samples by class."""

    name: str
    samples: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known when a run starts; `started` is in seconds since 1970, `events` a path below the run's folder."""

    version: int
    id: str
    namespace: str
    job: str
    number: int
    uid: str
    runtime: str
    rounds: int
    minimum: int
    started: float
    events: str
    covey: str
    runtime_version: str = ""
    spec_digest: str = ""
    inputs_digest: str = ""
    app_digest: str = ""
    data: Data | None = None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelFile:
    """`file` is relative to the run's folder."""

    file: str
    format: str
    digest: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """One collaborator over the whole run; loss and accuracy are its last ones."""

    name: str
    samples: int | None
    rounds: int
    loss: float | None
    accuracy: float | None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Score:
    """`round` is where it was reached."""

    round: int
    loss: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """`evaluation` is on the held-out samples; `unreadable` counts lines of the events that could not be read."""

    version: int
    run: RunFacts
    state: State
    message: str
    ended: float | None
    seconds: float
    finished_rounds: int
    last: Score | None
    best: Score | None
    attempts: Attempts
    collaborators: tuple[Contribution, ...]
    evaluation: Evaluation | None = None
    models: tuple[ModelFile, ...] = ()
    timeline: tuple[Moment, ...] = ()
    unreadable: int = 0

    @property
    def accuracy(self) -> float | None:
        """On the held-out samples, or else what the runtime said last."""
        if self.evaluation:
            return self.evaluation.accuracy
        return self.last.accuracy if self.last else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `covey run` knows of the end besides the events."""

    state: State
    message: str = ""
    evaluation: Evaluation | None = None
    models: tuple[ModelFile, ...] = ()


def summarize(
    facts: RunFacts, events: Sequence[Event], *, rounds: Sequence[Round], outcome: Outcome, unreadable: int = 0
) -> Summary:
    """`rounds` are those of the events (`series.rounds`)."""
    last_time = max((event.time for event in events), default=facts.started)
    return Summary(
        version=VERSION,
        run=facts,
        state=outcome.state,
        message=outcome.message,
        ended=None if outcome.state is State.RUNNING else last_time,
        seconds=round(max(last_time - facts.started, 0), 3),
        finished_rounds=max((one.round for one in rounds), default=0),
        last=_last(rounds),
        best=_best(rounds),
        attempts=attempts(events),
        collaborators=_contributions(facts, rounds),
        evaluation=outcome.evaluation,
        models=outcome.models,
        timeline=timeline(events, start=facts.started),
        unreadable=unreadable,
    )


def _score(one: Round) -> Score:
    return Score(one.round, one.loss, one.accuracy)


def _last(rounds: Sequence[Round]) -> Score | None:
    """Of the last round that has one: an app that measures the model it is given tells of a round in the next."""
    scored = [one for one in rounds if one.has_score]
    return _score((scored or rounds)[-1]) if rounds else None


def _best(rounds: Sequence[Round]) -> Score | None:
    """By accuracy, or by loss where nobody told an accuracy; the first round that reached it."""
    by_accuracy = [(-one.accuracy, one.round, one) for one in rounds if one.accuracy is not None]
    by_loss = [(one.loss, one.round, one) for one in rounds if one.loss is not None]
    ordered = by_accuracy or by_loss
    return _score(min(ordered, key=lambda known: known[:2])[2]) if ordered else None


def _contributions(facts: RunFacts, rounds: Sequence[Round]) -> tuple[Contribution, ...]:
    members = {member.name: member for member in facts.members}
    taken = by_collaborator(rounds)
    names = sorted(members.keys() | taken.keys())
    return tuple(_contribution(members.get(name, Member(name)), taken.get(name, [])) for name in names)


def _contribution(member: Member, taken: Sequence[tuple[int, Share]]) -> Contribution:
    last = taken[-1][1] if taken else Share(member.name)
    samples = last.samples if member.samples is None else member.samples
    return Contribution(member.name, samples, len(taken), last.loss, last.accuracy, member.counts)
