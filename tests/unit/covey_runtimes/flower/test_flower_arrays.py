"""What a ServerApp leaves in its folder becomes a part of the model."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.runtime_flower


def test_files_are_kept_and_links_are_not(inside, tmp_path):
    """A logger's link (wandb's `latest-run`) must not cost a finished run its model."""
    app, handoff = tmp_path / "app", tmp_path / "handoff"
    (app / "logs/run-1").mkdir(parents=True)
    (app / "logs/run-1/output.log").write_text("all went well")
    (app / "logs/latest").symlink_to("run-1", target_is_directory=True)
    (app / "weights.npz").write_text("weights")
    (app / "best").symlink_to("weights.npz")
    handoff.mkdir()
    words = "import sys, pathlib; from covey_flower import arrays; arrays.keep_files(pathlib.Path(sys.argv[1]))"

    ended = inside("-c", words, str(app), COVEY_HANDOFF=str(handoff))

    assert ended.returncode == 0, ended.stderr
    model = handoff / "model"
    kept = {str(path.relative_to(model)) for path in model.rglob("*")}
    assert kept == {"weights.npz", "logs", "logs/run-1", "logs/run-1/output.log"}
