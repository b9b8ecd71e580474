"""Makes a folder of mixed manifests for the validation benchmark: always the same, some of them wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
RENDERED = HERE.parents[1] / "examples/fleet/rendered/vision/digits"
SKIPPED_KIND = "ExternalSecret"

# How many of 100 resources; what `covey render` writes is a fifth of them.
WEIGHTS = {
    "deployment": 16,
    "service": 13,
    "configmap": 12,
    "networkpolicy": 8,
    "role": 6,
    "rolebinding": 6,
    "cronjob": 5,
    "persistentvolumeclaim": 4,
    "manifestwork": 4,
    "federatedlearning": 3,
    "application": 2,
    "unknown": 1,
    "rendered/federatedlearning-digits": 4,
    "rendered/placement-digits": 4,
    "rendered/manifestworkreplicaset-digits": 4,
    "rendered/podtemplate-digits-aggregator": 4,
    "rendered/service-digits-listener": 4,
}
# One of so many resources is wrong, in one of these ways: what is replaced, and by what.
WRONG_EVERY = 200
MISTAKES = (
    ("  namespace: vision\n", "  namespace: vision\n  nmae: again\n"),  # an unknown field
    ("  namespace: vision\n", "  namespace: 7\n"),  # a number where a string is needed
    ("  namespace: vision\n", "  namespace: vision\n  ownerReferences: {}\n"),  # a mapping where a list is needed
)
# Files with so many documents each, in turn: most are small, some are large.
DOCUMENTS = (1, 1, 1, 1, 1, 1, 5, 1, 1, 20, 1, 1, 3, 1, 100, 1, 1, 10, 1, 400)


def make(folder: Path, count: int) -> int:
    """Writes `count` resources below `folder`; returns the number of files."""
    resources = _resources(count)
    number = 0
    while True:
        texts = [text for _, text in zip(range(DOCUMENTS[number % len(DOCUMENTS)]), resources, strict=False)]
        if not texts:
            return number
        path = folder / f"team-{number % 40:02}" / f"part-{number:05}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("---\n".join(texts), encoding="utf-8")
        number += 1


def _resources(count: int) -> Iterator[str]:
    templates = [template for name, weight in WEIGHTS.items() for template in [_template(name)] * weight]
    wrong = 0
    for number in range(count):
        # 37 and 100 have no common divisor: neighbours are of different kinds, and each kind has its share.
        text = templates[number * 37 % len(templates)].replace("@N@", str(number)).replace("@M@", str(number % 250))
        if number % WRONG_EVERY == WRONG_EVERY - 1:
            before, after = MISTAKES[wrong % len(MISTAKES)]
            text = text.replace(before, after, 1)
            wrong += 1
        yield text


def _template(name: str) -> str:
    if name.startswith("rendered/"):
        path = RENDERED / f"{name.removeprefix('rendered/')}.yaml"
        return path.read_text(encoding="utf-8").replace("  name: digits", "  name: digits-@N@", 1)
    return (HERE / "manifests" / f"{name}.yaml").read_text(encoding="utf-8")
