"""What a launcher finds below its root, and leaves there."""

from __future__ import annotations

from types import SimpleNamespace

from covey_runtimes.launch.root import Root


def test_a_new_epoch_leaves_no_keys_and_reports_of_earlier_ones(tmp_path):
    start = SimpleNamespace(run=SimpleNamespace(uid="uid-1"))
    run = SimpleNamespace(handoff=tmp_path / "handoff")
    place = Root(tmp_path, start).place(run, epoch="uid-1-aa", resume=None)
    for path in (place.reports, place.members, place.tmp / "key-uid-1-aa.pem", place.tmp / "weights.bin"):
        path.write_text("words")

    again = Root(tmp_path, start).place(run, epoch="uid-1-aa", resume=None)
    assert again.reports.exists()

    Root(tmp_path, start).place(run, epoch="uid-1-bb", resume=None)
    assert [path.name for path in place.tmp.iterdir()] == ["weights.bin"]
