from __future__ import annotations

import json

import pytest

from covey_cli.__main__ import main
from covey_cli.fields import KINDS, MISSING, Field, kind_fields
from covey_schemas.catalog import kind_schema, written_kinds


def _explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == 0
    return capsys.readouterr().out


def test_without_a_path_all_written_kinds_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    shown = _explained(capsys)
    assert {kind.name for kind in KINDS} == set(written_kinds())
    for kind in KINDS:
        assert f"{kind.name} ({kind.short}), in {kind.place}" in shown


@pytest.mark.parametrize("name", ["FederatedJob", "federatedjob", "job", "jobs"])
def test_a_kind_goes_by_its_name_or_its_short_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _explained(capsys, name).startswith("Kind:     FederatedJob, in jobs/<namespace>/<name>/job.yaml\n")


def test_a_field_shows_type_limits_example_and_description(capsys: pytest.CaptureFixture[str]) -> None:
    assert _explained(capsys, "job.spec.collaborators.min") == (
        "Kind:     FederatedJob, in jobs/<namespace>/<name>/job.yaml\n"
        "Field:    spec.collaborators.min  <integer> required\n"
        "\n"
        "  How many collaborators must be ready before the run starts.\n"
        "\n"
        "Limits:   1 to 1000\n"
        "Example:  2\n"
    )


def test_a_field_shows_its_default_and_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    shown = _explained(capsys, "job.spec.run.state")
    assert 'Default:  "Run"\n' in shown
    assert "One of:   Run, Suspend, Cancel\n" in shown


@pytest.mark.parametrize("path", ["job.spec.collaborators.require.key", "job.spec.collaborators.require[].key"])
def test_a_field_of_a_list_s_items_is_found(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "The label's key." in _explained(capsys, path)


def test_any_key_of_a_map_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert "<string or number or boolean>" in _explained(capsys, "job.spec.config.learning-rate")


def test_recursive_shows_every_field_once(capsys: pytest.CaptureFixture[str]) -> None:
    shown = _explained(capsys, "dataset", "--recursive").partition("Fields:\n")[2].splitlines()
    expected = [("  " * len(field.path)) + field.path[-1] for field in _tree("dataset").walk()]
    assert [line.partition("  <")[0] for line in shown] == expected


def test_json_names_the_children_or_holds_them(capsys: pytest.CaptureFixture[str]) -> None:
    flat = json.loads(_explained(capsys, "job.spec.run", "--format", "json"))
    assert flat["fields"] == ["number", "state"]
    assert (flat["version"], flat["kind"], flat["path"], flat["required"]) == (1, "FederatedJob", "spec.run", False)
    deep = json.loads(_explained(capsys, "job.spec.run", "--format", "json", "--recursive"))
    assert [field["path"] for field in deep["fields"]] == ["spec.run.number", "spec.run.state"]
    assert deep["fields"][0]["default"] == 1


def test_json_without_a_path_lists_the_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    shown = json.loads(_explained(capsys, "--format", "json"))
    assert [kind["name"] for kind in shown["kinds"]] == [kind.name for kind in KINDS]


def test_a_field_without_a_default_has_none_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert "default" not in json.loads(_explained(capsys, "job.spec.rounds", "--format", "json"))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("jbo", "There is no kind 'jbo'. Did you mean 'job'?"),
        ("job.spec.colaborators", "job.spec has no field 'colaborators'. Did you mean 'collaborators'?"),
        ("job.spec.collaborators.Min", "job.spec.collaborators has no field 'Min'. Did you mean 'min'"),
        ("job.spec.rounds.x", "job.spec.rounds has no fields: its type is integer."),
        ("job..spec", "job has no field ''."),
    ],
)
def test_an_unknown_path_is_an_error_with_a_suggestion(
    path: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", path]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["job", "dataset", "fleet"])
def test_every_field_has_a_title_and_a_description(kind: str) -> None:
    assert not [field.path for field in _tree(kind).walk() if not (field.title and field.description)]


def test_a_default_of_nothing_is_still_a_default() -> None:
    field = next(field for field in _tree("job").walk() if field.path == ("spec", "config"))
    assert field.default == {}
    assert field.default is not MISSING


def test_the_tree_has_every_property_of_the_schema() -> None:
    for kind in KINDS:
        assert len(list(kind_fields(kind).walk())) == _properties(kind_schema(kind.name))


def _tree(short: str) -> Field:
    return kind_fields(next(kind for kind in KINDS if kind.short == short))


def _properties(schema: object) -> int:
    """All fields below a schema, counted without the code under test: keyword by keyword."""
    if not isinstance(schema, dict):
        return 0
    own = sum(1 + _properties(part) for part in schema.get("properties", {}).values())
    values = schema.get("additionalProperties")
    return own + _properties(schema.get("items")) + (1 if isinstance(values, dict) else 0)
