"""What an aggregation function keeps in mappings comes back after a restart."""

from __future__ import annotations

import numpy as np
import pytest

from inside_openfl import inside

arrays = inside("arrays")


class Optimizer:
    def __init__(self):
        self.moment = {}
        self.step = {}


class Function:
    def __init__(self):
        self.velocity = {}
        self.optimizer = Optimizer()
        self.names = {"layer": "not a number"}
        self.rate = 0.1


def test_arrays_and_numbers_of_functions_and_their_optimizers_come_back(tmp_path):
    before = Function()
    before.velocity["layer/kernel"] = np.arange(6, dtype="float32").reshape(2, 3)
    before.optimizer.moment["bias"] = np.ones(2)
    before.optimizer.step["bias"] = 7
    arrays.save_state(tmp_path, {"train": before})

    after = Function()
    arrays.restore_state(tmp_path, {"train": after})

    np.testing.assert_array_equal(after.velocity["layer/kernel"], before.velocity["layer/kernel"])
    np.testing.assert_array_equal(after.optimizer.moment["bias"], np.ones(2))
    assert after.optimizer.step == {"bias": 7}
    assert after.names == {"layer": "not a number"}


def test_functions_without_a_state_leave_no_file(tmp_path):
    arrays.save_state(tmp_path, {"train": Function()})
    assert list(tmp_path.iterdir()) == []
    arrays.restore_state(tmp_path, {"train": Function()})


def test_a_state_of_a_task_that_is_gone_is_no_mistake(tmp_path):
    before = Function()
    before.velocity["layer"] = np.ones(1)
    arrays.save_state(tmp_path, {"train": before})
    arrays.restore_state(tmp_path, {})


def test_a_folder_has_its_name_only_when_it_is_complete(tmp_path, monkeypatch):
    monkeypatch.setenv("COVEY_HANDOFF", str(tmp_path))

    def broken(_):
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        arrays.hand_over("round-1", {"w": np.ones(2)}, broken)
    assert not (tmp_path / "round-1").exists()

    arrays.hand_over("round-2", {"w": np.ones(2)}, lambda folder: (folder / "more").touch())
    assert {path.name for path in (tmp_path / "round-2").iterdir()} == {"arrays.npz", "more"}


@pytest.mark.parametrize(
    ("array", "verdict"),
    [
        (np.ones(3), True),
        (np.array([1.0, np.nan]), False),
        (np.array([np.inf]), False),
        (np.arange(3), True),
        (np.array([True]), True),
    ],
    ids=["numbers", "NaN", "infinity", "whole numbers", "truths"],
)
def test_only_numbers_are_finite(array, verdict):
    assert arrays.finite(array) is verdict
