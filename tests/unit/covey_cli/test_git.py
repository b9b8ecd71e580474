"""The one class over git, with real repositories."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from covey_cli import git_failures
from covey_cli.errors import UserError
from covey_cli.git import Git, clean_environment, open_git
from covey_cli.trees import changed_files, files_at
from git_repos import environment, hook


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository with one commit of `a/one` and `b/two`; nothing of this machine's configuration reaches it."""
    for name, value in environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    for name in [
        name for name in os.environ if name.startswith(("GIT_AUTHOR", "GIT_COMMITTER", "GIT_DIR", "GIT_INDEX"))
    ]:
        monkeypatch.delenv(name)
    root = tmp_path / "repo"
    root.mkdir()
    git = Git(root)
    git.run("init")
    write(git, {"a/one": "1\n", "b/two": "2\n"})
    git.run("add", "--all")
    git.run("commit", "--message=first")
    return git


def write(git: Git, files: dict[str, str]) -> None:
    for path, text in files.items():
        (git.root / path).parent.mkdir(parents=True, exist_ok=True)
        (git.root / path).write_text(text)


def status(git: Git) -> list[str]:
    return git.run("status", "--porcelain", "--untracked-files=all", "-z").items


class TestRunning:
    def test_a_failure_names_the_command_its_code_and_gits_last_words(self, git: Git) -> None:
        with pytest.raises(
            UserError, match=r"`git cat-file` failed \(exit 128\): fatal: Not a valid object name nonsense"
        ):
            git.run("cat-file", "-p", "nonsense")

    def test_the_repository_of_a_surrounding_git_is_not_taken_for_ours(
        self, git: Git, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_EXTERNAL_DIFF"):
            monkeypatch.setenv(name, "/nowhere")
        monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")

        assert git.branch() == "main"
        assert git.changed(["a"]) == {}

    def test_settings_for_the_way_to_a_remote_are_kept(self) -> None:
        kept = {"GIT_SSH_COMMAND": "ssh -v", "GIT_CONFIG_COUNT": "0", "GIT_AUTHOR_NAME": "Ada", "PATH": "/bin"}
        dropped = {"GIT_DIR": "x", "GIT_NAMESPACE": "x", "GIT_LITERAL_PATHSPECS": "1", "GIT_QUARANTINE_PATH": "x"}
        fixed = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": ":"}

        assert clean_environment({**kept, **dropped, "LC_ALL": "de"}) == {**kept, **fixed}

    def test_without_git_on_the_path_a_sentence_says_so(self, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(git.root))
        with pytest.raises(UserError, match="There is no `git` on this machine's PATH"):
            open_git(git.root)

    def test_an_old_git_is_refused(self, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/git").write_text("#!/bin/sh\necho git version 2.17.1\n")
        (tmp_path / "bin/git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
        with pytest.raises(UserError, match=r"git version 2.17.1 is too old: Covey needs 2.30 or newer"):
            open_git(git.root)

    def test_what_hangs_is_given_up(self, git: Git) -> None:
        git.run("config", "alias.hang", "!sleep 20")
        with pytest.raises(UserError, match="`git hang` had no answer in 0 seconds"):
            git.run("hang", seconds=0.2)

    @pytest.mark.parametrize("place", [".", "inner", ".git"])
    def test_only_a_work_tree_is_opened(self, git: Git, tmp_path: Path, place: str) -> None:
        (git.root / "inner").mkdir()
        if place == ".git":
            with pytest.raises(UserError, match="is not in a git repository"):
                open_git(git.root / place)
            with pytest.raises(UserError, match="is not in a git repository"):
                open_git(tmp_path)
        else:
            assert open_git(git.root / place).prefix() == ("" if place == "." else "inner/")


class TestAsking:
    def test_a_revision_that_looks_like_an_option_is_none(self, git: Git) -> None:
        assert git.commit_of("--output=x") is None
        assert git.commit_of("HEAD") == git.text("rev-parse", "HEAD")
        assert git.commit_of("no-such") is None

    def test_changes_are_told_by_path_whatever_the_name(self, git: Git) -> None:
        odd = 'a/ü "x"\n*.yaml'
        write(git, {odd: "x", "a/one": "changed", "elsewhere": "x"})
        (git.root / "b/two").unlink()

        assert git.changed(["a", "b"]) == {odd: "??", "a/one": " M", "b/two": " D"}

    def test_paths_are_relative_to_a_fleet_repo_in_a_subfolder(self, git: Git) -> None:
        write(git, {"a/new": "x"})
        inner = Git(git.root / "a")

        assert inner.changed(["one", "new"]) == {"a/new": "??"}
        assert files_at(inner, "HEAD", ["one"]) == {"one": b"1\n"}
        assert changed_files(inner, "HEAD", None, ["one", "new"]) == {"new": "A"}

    def test_an_operation_under_way_is_named(self, git: Git) -> None:
        git.run("checkout", "-b", "other")
        write(git, {"a/one": "theirs\n"})
        git.run("commit", "--all", "--message=theirs")
        git.run("checkout", "main")
        write(git, {"a/one": "ours\n"})
        git.run("commit", "--all", "--message=ours")

        assert git.operation() is None
        assert git.run("merge", "other", check=False).code == 1
        assert (git.operation(), git.unmerged()) == ("merge", ["a/one"])
        git.run("merge", "--abort")
        assert git.run("rebase", "other", check=False).code == 1
        assert (git.operation(), git.branch()) == ("rebase", None)

    def test_files_at_a_commit_come_with_their_content(self, git: Git) -> None:
        write(git, {"a/one": "new\n", "b/empty": "", "b/two": "1\n"})
        git.run("add", "--all")
        git.run("commit", "--message=second")

        assert files_at(git, "HEAD~1", ["a", "b"]) == {"a/one": b"1\n", "b/two": b"2\n"}
        assert files_at(git, "HEAD", ["a", "b"]) == {"a/one": b"new\n", "b/empty": b"", "b/two": b"1\n"}
        assert files_at(git, "HEAD", ["none"]) == {}


class TestCommitting:
    def test_only_the_given_files_are_committed_and_the_rest_stays_as_it_is(self, git: Git) -> None:
        write(git, {"a/one": "changed", "a/new": "x", "staged": "s", "dirty": "d"})
        git.run("add", "staged")
        write(git, {"b/two": "dirty"})
        (git.root / "a/gone").symlink_to("one")
        commit = git.commit("second", git.changed(["a"]))

        assert commit == git.commit_of("HEAD")
        assert git.run("show", "--name-only", "--format=%s", "HEAD").text.split() == [
            "second",
            "a/gone",
            "a/new",
            "a/one",
        ]
        assert status(git) == [" M b/two", "A  staged", "?? dirty"]

    def test_a_staged_older_content_gives_way_to_the_one_in_the_work_tree(self, git: Git) -> None:
        write(git, {"a/one": "staged"})
        git.run("add", "a")
        write(git, {"a/one": "newer"})
        git.commit("second", git.changed(["a"]))

        assert files_at(git, "HEAD", ["a"]) == {"a/one": b"newer"}
        assert status(git) == []

    def test_the_first_commit_of_a_branch_works(self, git: Git) -> None:
        git.run("checkout", "--orphan", "fresh")
        git.run("rm", "--cached", "-r", "--quiet", ".")
        git.commit("first of fresh", git.changed(["a"]))

        assert git.run("ls-tree", "-r", "--name-only", "HEAD").text == "a/one"

    def test_a_refused_commit_leaves_new_files_as_unknown_as_they_were(self, git: Git) -> None:
        hook(git.root, "pre-commit", "echo 'no tabs, please' >&2\nexit 1\n")
        write(git, {"a/one": "changed", "a/new": "x"})
        with pytest.raises(
            UserError, match=r"A hook of this repository \(pre-commit\) refused the commit: no tabs, please"
        ):
            git.commit("second", git.changed(["a"]))

        assert status(git) == [" M a/one", "?? a/new"]

    def test_hooks_run_in_the_repository_and_see_what_is_committed(self, git: Git) -> None:
        hook(git.root, "pre-commit", "git diff --cached --name-only > seen\n")
        write(git, {"a/one": "changed", "b/two": "dirty"})
        git.commit("second", git.changed(["a"]))

        assert (git.root / "seen").read_text() == "a/one\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fatal: https://ada:s3cret@git.example/x: nope", "fatal: https://***@git.example/x: nope"),
        ("fatal: https://ghp_token@git.example/x", "fatal: https://***@git.example/x"),
        ("hint: try this\nerror: one\n\nerror: two", "error: one | error: two"),
        ("x" * 1000, "… " + "x" * 600),
    ],
)
def test_last_words_are_one_line_without_credentials(text: str, shown: str) -> None:
    assert git_failures.last_words(text) == shown


def test_every_meaning_is_a_sentence() -> None:
    for meaning in git_failures.MEANINGS:
        assert meaning.message.endswith(".")


def test_no_other_module_starts_git() -> None:
    package = Path(git_failures.__file__).parent
    found = [path.name for path in package.rglob("*.py") if re.search(r"\[\s*[\"']git[\"']", path.read_text())]

    assert found == ["git.py"]
