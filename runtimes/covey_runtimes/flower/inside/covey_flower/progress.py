"""What a round's report says: metrics of training, federated and central evaluation, merged under plain names.

Of two of the same name the better word counts (central evaluation, then federated, then training), and the other is
kept under its kind (`train_loss`). `loss` and `accuracy` are there where any metric can be called so. What a train
reply calls `global_...` was measured on the model that the round began with: it belongs to the round before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from covey_reports.few import few
from covey_reports.reporting import report

if TYPE_CHECKING:
    from collections.abc import Mapping

TRAIN, EVALUATE, CENTRAL = "train", "eval", "central"
_KINDS = (TRAIN, EVALUATE, CENTRAL)  # each better than the one before
_BEFORE = "global_"
_WEIGHT = "num-examples"
_PREFIX = r"(?:train(?:ing)?|eval|evaluate|evaluation|val|valid|validation|test|central|cent|cen|federated|fed)[_-]"
_KNOWN = {"loss": rf"(?:{_PREFIX})?(?:log)?loss", "accuracy": rf"(?:{_PREFIX})?acc(?:uracy)?"}


class Progress:
    """Collects until the round is finished; "" stands for the federation."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, dict[str, float]]] = {}
        self._before: dict[str, dict[str, float]] = {}

    def take(self, who: str, kind: str, record: Mapping[str, Any]) -> None:
        self._told.setdefault(who, {})
        for name, value in record.items():
            if not isinstance(value, int | float):
                continue
            if kind == TRAIN and name.startswith(_BEFORE):
                self._before.setdefault(who, {})[name.removeprefix(_BEFORE)] = value
            else:
                self._told.setdefault(who, {}).setdefault(kind, {})[name] = value

    def take_means(self, kind: str) -> None:
        """For the federation, of what all collaborators have told, where nobody else has averaged it."""
        known = [kinds[kind] for who, kinds in self._told.items() if who and kind in kinds]
        weights = [one.get(_WEIGHT, 1) for one in known]
        names = set.intersection(*(set(one) for one in known)) - {_WEIGHT} if known and sum(weights) else set()
        for name in sorted(names):
            mean = sum(one[name] * weight for one, weight in zip(known, weights, strict=True)) / sum(weights)
            self._told.setdefault("", {}).setdefault(kind, {})[name] = mean

    def finish(self, number: int, folder: str) -> None:
        """Reports the round, and of the round before what only this one has measured."""
        for who, values in self._before.items():
            of = {"collaborator": who} if who else {}
            for name, value in few(values).items() if number > 1 else ():
                report("metric", name=name, value=value, round=number - 1, **of)
        sharers = len(self._told) + 1
        metrics = few(merged(self._told.pop("", {})), sharers=sharers)
        metrics.pop("examples", None)
        each = {who: few(merged(kinds), sharers=sharers) for who, kinds in sorted(self._told.items())}
        report("round", round=number, folder=folder, metrics=metrics, collaborators=each)
        self._told, self._before = {}, {}


def merged(kinds: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for kind in reversed(_KINDS):
        for name, value in kinds.get(kind, {}).items():
            if name != _WEIGHT:
                found[name if name not in found else f"{kind}_{name}"] = value
    for known, pattern in _KNOWN.items():
        told = [value for name, value in found.items() if re.fullmatch(pattern, name, re.IGNORECASE)]
        if told:
            found.setdefault(known, told[0])
    examples = [kinds[kind][_WEIGHT] for kind in _KINDS if _WEIGHT in kinds.get(kind, {})]
    return {"examples": examples[0], **found} if examples else found
