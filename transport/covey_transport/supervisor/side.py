"""What the supervisor's loop asks of a side, and what both sides do alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from covey_core.manifests import canonical_json
from covey_transport.files import replace
from covey_transport.layout import CERTIFICATE, KEY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from covey_transport.layout import Layout


class Side(Protocol):
    pause: float

    def missing(self) -> str | None:
        """What must still appear before Envoy can start."""

    def prepare(self) -> None:
        """Writes every file that Envoy starts with."""

    def check(self, identities: Sequence[str]) -> None:
        """Raises BadStartError where the certificate is somebody else's."""

    def serve(self) -> None:
        """Starts what runs beside Envoy."""

    def step(self) -> None:
        """Looks at what may change; called again and again."""

    def quiet(self) -> None:
        """Lets go of whoever waits, before a drain."""

    def close(self) -> None: ...


def missing_file(paths: Sequence[Path], layout: Layout) -> str | None:
    """The first that is not there, as people know it."""
    return next((str(path.relative_to(layout.root)) for path in paths if not path.is_file()), None)


def own_files(layout: Layout) -> list[Path]:
    return [layout.tls / CERTIFICATE, layout.tls / KEY]


def write_data(path: Path, data: Any) -> None:
    replace(path, canonical_json(data))
