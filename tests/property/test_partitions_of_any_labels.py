from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from covey_cli.errors import UserError
from covey_cli.local_run.partitions import Split, hold_out, split

LABELS = st.lists(st.integers(0, 6), min_size=1, max_size=120).map(lambda values: np.array(values, np.int64))
SEEDS = st.integers(0, 2**32)
ALPHAS = st.floats(0.001, 1_000_000)
SPLITS = st.one_of(
    st.just(Split("iid")), st.just(Split("by-class")), ALPHAS.map(lambda alpha: Split("dirichlet", alpha))
)


@given(labels=LABELS, collaborators=st.integers(1, 12), how=SPLITS, seed=SEEDS)
def test_every_sample_goes_to_one_collaborator_and_nobody_is_empty(labels, collaborators, how, seed) -> None:
    owners = len(np.unique(labels)) if how.method == "by-class" else len(labels)
    if collaborators > owners:
        with pytest.raises(UserError, match="too few"):
            split(labels, collaborators, how=how, seed=seed)
        return
    parts = split(labels, collaborators, how=how, seed=seed)
    assert len(parts) == collaborators
    assert all(len(part) for part in parts)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))
    again = split(labels, collaborators, how=how, seed=seed)
    assert [part.tolist() for part in parts] == [part.tolist() for part in again]


@given(labels=LABELS, collaborators=st.integers(1, 7), seed=SEEDS)
def test_iid_parts_differ_by_one_sample_at_most(labels, collaborators, seed) -> None:
    if collaborators <= len(labels):
        sizes = [len(part) for part in split(labels, collaborators, how=Split("iid"), seed=seed)]
        assert max(sizes) - min(sizes) <= 1


@given(labels=LABELS, seed=SEEDS)
def test_by_class_nobody_shares_a_class(labels, seed) -> None:
    parts = split(labels, len(np.unique(labels)), how=Split("by-class"), seed=seed)
    held = [set(labels[part].tolist()) for part in parts]
    assert sum(map(len, held)) == len(set().union(*held)) == len(np.unique(labels))


@given(labels=LABELS, share=st.floats(0, 1), seed=SEEDS)
def test_what_is_held_out_and_what_is_trained_on_are_all_and_apart(labels, share, seed) -> None:
    training, aside = hold_out(labels, share, seed=seed)
    assert sorted([*training.tolist(), *aside.tolist()]) == list(range(len(labels)))
    assert set(labels[training]) == set(labels)
    if share > 0:
        several = {label for label, number in zip(*np.unique(labels, return_counts=True), strict=True) if number > 1}
        assert several == set(labels[aside].tolist())


@given(how=SPLITS)
def test_a_split_is_what_it_prints(how) -> None:
    assert Split.parse(str(how)) == how
