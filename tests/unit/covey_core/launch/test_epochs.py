from __future__ import annotations

import pytest

from covey_core.launch.epochs import done_epoch, epoch_of, is_done, run_of


@pytest.mark.parametrize("uid", ["0d6c1f8a", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"])
def test_an_epoch_names_its_run(uid):
    assert run_of(epoch_of(uid, "00ff")) == uid == run_of(done_epoch(uid))


def test_only_the_last_epoch_says_that_all_is_done():
    assert is_done(done_epoch("uid"))
    assert not is_done(epoch_of("uid", "0" * 16))
    assert not is_done(epoch_of("done", "0" * 16))
