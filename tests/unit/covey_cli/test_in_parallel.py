"""Work is spread by size, and comes back in the order of the files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from covey_cli.in_parallel import _chunks, each


def test_chunks_hold_about_as_many_bytes_each_in_the_order_of_the_files() -> None:
    assert list(_chunks(["a", "b", "c", "d", "e"], [1, 2, 10, 1, 1], 3)) == [["a", "b"], ["c"], ["d", "e"]]


def test_a_chunk_of_tiny_files_ends_somewhere() -> None:
    files = [str(number) for number in range(1200)]
    assert [len(chunk) for chunk in _chunks(files, [1] * 1200, 10**6)] == [500, 500, 200]


def _told(name: str) -> tuple[str, int, int]:
    return name, Path(name).stat().st_size, os.getpid()


@pytest.mark.parametrize(("size", "apart"), [(10, False), (200_000, True)])
def test_large_work_goes_to_other_processes_and_comes_back_in_order(tmp_path: Path, size: int, apart: bool) -> None:
    files = [str(tmp_path / str(number)) for number in range(12)]
    for number, file in enumerate(files):
        Path(file).write_bytes(b"x" * size * (number % 4 + 1))
    with each(_told, files, jobs=2, ready=lambda: None) as results:
        found = list(results)
    assert [name for name, _, _ in found] == files
    assert [length for _, length, _ in found] == [size * (number % 4 + 1) for number in range(12)]
    assert all((process != os.getpid()) is apart for _, _, process in found)
