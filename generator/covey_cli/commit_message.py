"""What a commit of ours says: what changes, for whom, in a subject of at most 72 characters and a body."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from covey_core.diff import Action
from covey_core.diff.subjects import FLEET

from .console import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from covey_core.diff import Difference, SubjectChange

_SUBJECT = 72
_BODY = 16_000
_VERBS = {Action.ADDED: "Add", Action.REMOVED: "Remove", Action.CHANGED: "Change"}
TRAILER = "Covey-Job"


def message(difference: Difference, paths: Iterable[str], *, job: str = "") -> str:
    """`paths` are the committed files; `job` is the submitted one, named in a trailer so that its branch is known."""
    subject = _cut(_subject(difference, sorted(paths)), _SUBJECT)
    body = "\n".join(_body(difference))
    if len(body) > _BODY:
        body = body[:_BODY].rpartition("\n")[0] + "\n- and more: see `covey diff`"
    return "\n\n".join(part for part in (subject, body, f"{TRAILER}: {job}" if job else "") if part)


def title(subject: SubjectChange) -> str:
    """`job vision/digits`."""
    return safe(f"{subject.kind} {subject.name}".strip())


def _subject(difference: Difference, paths: Sequence[str]) -> str:
    effective = [one for one in difference.subjects if one.action is not Action.STAMPED]
    if len(effective) == 1:
        return _about(effective[0])
    if effective:
        kinds = Counter(one.kind for one in effective)
        actions = {one.action for one in effective}
        verb = _VERBS[actions.pop()] if len(actions) == 1 else "Change"
        return f"{verb} " + ", ".join(_count(number, kind) for kind, number in kinds.items())
    if difference.subjects:
        return "Render again: no change in effect"
    return f"Update {safe(paths[0])}" if len(paths) == 1 else f"Update {len(paths)} files in {_common(paths)}"


def _about(subject: SubjectChange) -> str:
    start = f"{_VERBS[subject.action]} {title(subject)}"
    full = f"{start}: {safe(', '.join(subject.notes))}"
    return full if subject.notes and len(full) <= _SUBJECT else start


def _body(difference: Difference) -> Iterator[str]:
    for subject in difference.subjects:
        yield f"- {title(subject)} is {_past(subject.action)}"
        for label, text in subject.concerns:
            yield f"  {label}: {safe(text)}"
        for note in subject.notes:
            yield f"  * {safe(note)}"
    if difference.renderers:
        yield f"- rendered by {safe(difference.renderers[1])}, before by {safe(difference.renderers[0])}"


def _past(action: Action) -> str:
    return "rendered again, without a change in effect" if action is Action.STAMPED else action.value


def _count(number: int, kind: str) -> str:
    return f"the {kind}" if kind == FLEET else f"{number} {kind}" + ("s" if number > 1 else "")


def _common(paths: Sequence[str]) -> str:
    return safe(paths[0].rpartition("/")[0].partition("/")[0] or "the fleet repo")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
