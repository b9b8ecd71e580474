"""Files that may change at any time: read again when they are other files than before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Mark = tuple[int, int, int] | None


class Watched:
    """Looking is one `stat` through all links, cheap enough for twenty times a second."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mark: Mark = None

    def news(self) -> bytes | None:
        """The file's bytes if it is new or another than at the last call; a file that is gone is no news."""
        try:
            mark = self._look()
            if mark == self._mark:
                return None
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        self._mark = mark
        return data

    def _look(self) -> Mark:
        found = self.path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size
