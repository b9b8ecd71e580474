"""What `data.json` says of a partition: nothing, something, or what nobody understands."""

from __future__ import annotations

import pytest

from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes.partition import Partition, read


@pytest.mark.parametrize("text", [None, "{}", "[1, 2]", '{"samples": 3, "partition": null}'])
def test_who_has_no_partition_has_all_of_its_data(tmp_path, text):
    if text is not None:
        (tmp_path / "data.json").write_text(text)
    assert read(tmp_path) is None


def test_a_folder_that_is_not_there_says_nothing(tmp_path):
    assert read(tmp_path / "nowhere") is None


def test_a_partition_is_a_number_of_many(tmp_path):
    (tmp_path / "data.json").write_text('{"partition": {"id": 1, "of": 3}}')
    assert read(tmp_path) == Partition(1, 3)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "\xff",
        '{"partition": 1}',
        '{"partition": {"id": 1}}',
        '{"partition": {"id": "1", "of": "3"}}',
        '{"partition": {"id": 3, "of": 3}}',
        '{"partition": {"id": true, "of": 3}}',
        '{"partition": {}}',
    ],
)
def test_what_nobody_understands_is_told_and_nothing_is_trained(tmp_path, text):
    (tmp_path / "data.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(LaunchError, match=r"data\.json") as caught:
        read(tmp_path)
    assert caught.value.code is Exit.DATA
