"""Each thing that the YAML reader refuses or doubts: rule, place, sentence, hint."""

from __future__ import annotations

import pytest

from covey_core.findings import Finding, Position, Severity, has_errors
from covey_core.reading import Reading, read


def strictly(text: str | bytes) -> Reading:
    return read("job.yaml", text if isinstance(text, bytes) else text.encode(), strict=True)


def as_manifest(text: str | bytes) -> Reading:
    return read("m.yaml", text if isinstance(text, bytes) else text.encode(), strict=False)


def only(reading: Reading) -> Finding:
    (found,) = reading.findings
    return found


def test_a_clean_spec_is_read_without_findings() -> None:
    reading = strictly("---\n# a job\nname: digits\nrounds: 10\nrate: 0.5\non-call: [a, b]\nnone: null\nwarm: true\n")
    assert reading.findings == ()
    (document,) = reading.documents
    expected = {"name": "digits", "rounds": 10, "rate": 0.5, "on-call": ["a", "b"], "none": None, "warm": True}
    assert document.value == expected
    assert (document.source, document.index) == ("job.yaml", 0)


def test_a_double_key_is_refused_with_both_lines() -> None:
    found = only(strictly("a: 1\nb: 2\na: 3\n"))
    assert found == Finding(
        "yaml/duplicate-key",
        "The key `a` stands in line 1 and again in line 3.",
        "job.yaml",
        Position(3, 1),
        "/a",
        "Keep one of them.",
    )


def test_every_double_key_is_reported_at_every_depth_and_in_every_document() -> None:
    reading = as_manifest("a:\n- {b: 1, b: 2, b: 3}\nc: {d: {e: 1, e: 2}}\n---\nx: 1\n'x': 2\n")
    assert [(found.position.line, found.pointer) for found in reading.findings] == [
        (2, "/a/0/b"),
        (2, "/a/0/b"),
        (3, "/c/d/e"),
        (6, "/x"),
    ]
    assert has_errors(reading.findings)
    assert reading.findings[0].message == "The key `b` stands twice in line 2."


def test_a_trap_is_an_error_in_specs_and_a_warning_in_manifests() -> None:
    strict, manifest = strictly("spec:\n  enabled: yes\n"), as_manifest("spec:\n  enabled: yes\n")
    assert only(strict).severity is Severity.ERROR
    found = only(manifest)
    assert found.severity is Severity.WARNING
    assert (found.rule, found.position, found.pointer) == ("yaml/trap", Position(2, 12), "/spec/enabled")
    assert found.message == 'Plain `yes` is read as true by kubectl, but as "yes" by YAML 1.2 readers.'
    assert found.hint == 'Write true, or quote the text: "yes".'
    assert manifest.documents[0].value == {"spec": {"enabled": True}}


@pytest.mark.parametrize(
    ("scalar", "message"),
    [
        ("010", "Plain `010` is read as 8 by kubectl, but as 10 by YAML 1.2 readers."),
        ("1_000", 'Plain `1_000` is read as 1000 by kubectl, but as "1_000" by YAML 1.2 readers.'),
        ("1e3", 'Plain `1e3` is read as 1000.0 by kubectl, but as "1e3" by YAML 1.1 readers.'),
        ("1:30", 'Plain `1:30` is read as "1:30" by kubectl, but as 90 by YAML 1.1 readers.'),
        (
            "2001-01-01",
            'Plain `2001-01-01` is read as "2001-01-01" by kubectl, but as a date by kustomize and YAML 1.1 readers.',
        ),
    ],
)
def test_a_trap_says_who_reads_what(scalar: str, message: str) -> None:
    assert only(as_manifest(f"a: {scalar}\n")).message == message


@pytest.mark.parametrize(
    ("text", "rule", "position"),
    [
        ("a: &x 1\n", "yaml/anchor", Position(1, 4)),
        ("a: !!str 1\n", "yaml/tag", Position(1, 4)),
        ("<<: {a: 1}\n", "yaml/merge-key", Position(1, 1)),
        ("a: 1\n---\nb: 1\n", "yaml/several-documents", Position(3, 1)),
        ("", "yaml/empty", Position(1, 1)),
        ("# nothing\n---\n...\n", "yaml/empty", Position(1, 1)),
        ("~\n", "yaml/empty", Position(1, 1)),
    ],
)
def test_what_only_specs_must_do_without(text: str, rule: str, position: Position) -> None:
    found = only(strictly(text))
    assert (found.rule, found.position, found.severity) == (rule, position, Severity.ERROR)
    assert as_manifest(text).findings == ()


def test_an_alias_is_refused_in_specs_as_a_value_and_as_a_key() -> None:
    found = [(found.rule, found.position.column) for found in strictly("a: &x b\nc: *x\nd: {*x : 1}\n").findings]
    assert found == [("yaml/anchor", 4), ("yaml/alias", 4), ("yaml/alias", 5)]


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        ("a: !foo 1\n", "yaml/tag", 1, 4),
        ("a: !!python/object:os.system {}\n", "yaml/tag", 1, 4),
        ("a:\n  null: 1\n", "yaml/null-key", 2, 3),
        ("a:\n  ? [b]\n  : 1\n", "yaml/key-not-string", 2, 5),
        ("a:\n  1.5: 1\n", "yaml/key-not-string", 2, 3),
        ("a: 9223372036854775808\n", "yaml/number", 1, 4),
        ("a: -9223372036854775809\n", "yaml/number", 1, 4),
        ("a: [.nan]\n", "yaml/number", 1, 5),
        ("a: -.inf\n", "yaml/number", 1, 4),
        ("- a\n", "yaml/not-a-mapping", 1, 1),
        ("a\n", "yaml/not-a-mapping", 1, 1),
        ("a: [b\n", "yaml/syntax", 1, 6),
        ("a: b\nc: d: e\n", "yaml/syntax", 2, 5),
        ("a:\n\tb: 1\n", "yaml/tab", 2, 1),
        ("a: 1\n\t# c\n", "yaml/tab", 2, 1),
        ("a: 1\n--- b\n", "yaml/document-start", 2, 1),
        ("a: 1\n...\nb: 1\n", "yaml/document-end", 3, 1),
        ("%YAML 1.2\n---\na: 1\n", "yaml/directive", 1, 1),
        ("%YAML 1.1\r---\ra: 1\n", "yaml/directive", 1, 1),
        ('a: "\\/"\n', "yaml/escape", 1, 5),
        ('a: "b\\x7F"\n', "yaml/escape", 1, 6),
        ('a: "\\\\\\u009c"\n', "yaml/escape", 1, 7),
        ('a: "\\U0000ffFE"\n', "yaml/escape", 1, 5),
        ("a: *b\n", "yaml/alias", 1, 4),
        ("a: &a [*a]\n", "yaml/alias", 1, 8),
        ("a: 1\nb: x\x00\n", "yaml/encoding", 2, 5),
        ("a: 1\nb: \x07\n", "yaml/encoding", 2, 4),
        ("a: 1\nb: x\ufeff\n", "yaml/encoding", 2, 5),
        (b"a: 1\nb: \xff\n", "yaml/encoding", 2, 4),
        ("a: 1\n".encode("utf-16"), "yaml/encoding", 1, 1),
        ("a: 1\n".encode("utf-16-le"), "yaml/encoding", 1, 1),
        ("a: 1\n".encode("utf-32"), "yaml/encoding", 1, 1),
        ("a: 1\n".encode("utf-32-be"), "yaml/encoding", 1, 1),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "yaml/lfs-pointer", 1, 1),
        ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", "yaml/conflict-marker", 2, 1),
    ],
)
def test_what_nobody_may_write(text: str | bytes, rule: str, line: int, column: int) -> None:
    for reading in (strictly(text), as_manifest(text)):
        found = [each for each in reading.findings if each.rule == rule]
        assert [(each.position, each.severity) for each in found] == [(Position(line, column), Severity.ERROR)]
        assert found[0].message.endswith(".")
        assert found[0].hint.endswith(".")


def test_a_syntax_error_in_one_document_hides_nothing_of_the_others() -> None:
    reading = as_manifest("a: [\n---\nb: 1\nb: 2\n---\nc: 3\n")
    assert [(found.rule, found.position.line) for found in reading.findings] == [
        ("yaml/syntax", 1),
        ("yaml/duplicate-key", 4),
    ]
    assert [(document.index, document.value) for document in reading.documents] == [(1, {"b": 2}), (2, {"c": 3})]


def test_a_syntax_error_is_a_sentence_with_a_hint() -> None:
    found = only(strictly("a: b: c\n"))
    assert found.message == "The YAML can't be read here: mapping values are not allowed in this context."
    assert found.hint == 'Quote a value that holds ": ", or check the indentation.'


def test_numbers_and_booleans_as_keys_are_kubectls_text_with_a_warning() -> None:
    reading = as_manifest("1: a\ntrue: b\non: c\n")
    assert reading.documents[0].value == {"1": "a", "true": "c"}
    assert [(found.rule, found.severity.value) for found in reading.findings] == [
        ("yaml/key-not-string", "warning"),
        ("yaml/key-not-string", "warning"),
        ("yaml/duplicate-key", "error"),
        ("yaml/trap", "warning"),
    ]
    assert reading.findings[0].hint == 'Quote the key: "1".'


def test_a_merge_below_a_key_that_it_replaces_is_a_trap() -> None:
    reading = as_manifest("a: &a {x: 1, y2: 2}\nb: {x: 9, <<: *a}\nc: {<<: *a, x: 9}\n")
    assert reading.documents[0].value["b"] == {"x": 1, "y2": 2}
    assert reading.documents[0].value["c"] == {"x": 9, "y2": 2}
    assert [(found.rule, found.position.line) for found in reading.findings] == [("yaml/trap", 2)]


def test_a_merge_of_no_mapping_is_refused() -> None:
    found = only(as_manifest("<<: [1]\n"))
    assert (found.rule, found.position) == ("yaml/merge-key", Position(1, 5))
    assert found.message == "The merge key `<<` needs a mapping, or a list of mappings."


def test_invisible_line_ends_are_traps() -> None:
    found = only(as_manifest("a: 'b\u2028c'\n"))
    assert (found.rule, found.position) == ("yaml/trap", Position(1, 6))


def test_a_document_without_anything_is_left_out() -> None:
    reading = as_manifest("---\n# a\n---\n\n---\na: 1\n---\nnull\n")
    assert [document.value for document in reading.documents] == [{"a": 1}]
    assert reading.findings == ()
    assert as_manifest(b"").findings == ()
