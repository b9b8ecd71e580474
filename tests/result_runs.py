"""A run of three rounds and two collaborators, whose aggregator was killed once, as events and facts."""

from __future__ import annotations

from typing import Any

from covey_core.launch.events import Event
from covey_core.results.summary import Data, Member, RunFacts

START = 1_795_000_000.0


def events(*told: tuple[float, str, dict[str, Any]]) -> tuple[Event, ...]:
    """(seconds since the start, type, fields) as events with a rising sequence."""
    return tuple(Event(number, START + at, kind, fields) for number, (at, kind, fields) in enumerate(told, 1))


def metric(at: float, name: str, value: Any, **more: Any) -> tuple[float, str, dict[str, Any]]:
    return (at, "metric", {"name": name, "value": value, **more})


def a_run() -> tuple[Event, ...]:
    return events(
        (0, "session", {"epoch": "e1"}),
        (1, "connected", {"collaborator": "site-1"}),
        (1.5, "connected", {"collaborator": "site-2"}),
        metric(3, "accuracy", 0.5, round=1),
        metric(3, "loss", 1.5, round=1),
        metric(3, "accuracy", 0.4, round=1, collaborator="site-1", samples=100),
        (4, "round", {"round": 1}),
        (5, "lost", {"collaborator": "site-2", "reason": "the connection broke"}),
        metric(6, "accuracy", 0.1, round=2),
        (8, "session", {"epoch": "e2"}),
        metric(9, "accuracy", 0.9, round=2),
        metric(9, "accuracy", 0.8, round=2, collaborator="site-1", samples=100),
        metric(9, "accuracy", 0.7, round=2, collaborator="site-2", samples=50),
        (10, "round", {"round": 2, "seconds": 1.75}),
        metric(11, "accuracy", 0.85, round=3),
        metric(11, "auc", 0.97, round=3),
        (12, "round", {"round": 3}),
        (13, "end", {"code": 0}),
    )


def facts(**more: Any) -> RunFacts:
    values: dict[str, Any] = {
        "version": 1,
        "id": "digits-1-0001",
        "namespace": "vision",
        "job": "digits",
        "number": 1,
        "uid": "0001",
        "runtime": "flower",
        "rounds": 3,
        "minimum": 2,
        "started": START,
        "events": "aggregator/state/runs/1/events.jsonl",
        "covey": "0.1.0",
        "data": Data("digits", "scikit-learn", "iid", 7, ("cat", "dog"), 4),
        "members": (Member("site-1", 100, {"cat": 60, "dog": 40}), Member("site-2", 50, {"cat": 10, "dog": 40})),
    }
    return RunFacts(**{**values, **more})
