"""Trees are written whole or not at all, inside the root, by one process at a time."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from covey_cli import files, locking
from covey_cli.errors import UserError
from covey_cli.staging import PREFIX, Change
from program import unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOBODY = 65534


@dataclass(frozen=True)
class File:
    path: str
    text: str


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    return folder


def content(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def tree(root: Path) -> dict[str, str]:
    return {path: text for path, text in content(root).items() if not path.startswith(".covey/")}


AS_NOBODY = f"""
import os, sys
from pathlib import Path
from covey_cli.errors import UserError
from covey_cli.files import write_files
from covey_cli.staging import Change
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
try:
    write_files(Path(sys.argv[1]), [Change(path, b"x") for path in sys.argv[2:]])
except UserError as error:
    print(error, error.hint)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


class TestWriting:
    def test_writes_new_files_replaces_changed_ones_and_removes_old_ones(self, root: Path) -> None:
        files.write_tree(root, [File("a/one.yaml", "1\n"), File("a/two.yaml", "2\n"), File("b/old.yaml", "x\n")], [])
        files.write_tree(root, [File("a/one.yaml", "11\n"), File("c/new.yaml", "n\n")], ["b/old.yaml"])

        assert tree(root) == {"a/one.yaml": "11\n", "a/two.yaml": "2\n", "c/new.yaml": "n\n"}
        assert not (root / "b").exists()

    def test_an_empty_folder_is_removed_but_not_one_that_holds_others_files(self, root: Path) -> None:
        files.write_tree(root, [File("r/a/x.yaml", "1\n"), File("r/b/y.yaml", "1\n")], [])
        (root / "r/b/notes.txt").write_text("mine")
        files.write_tree(root, [], ["r/a/x.yaml", "r/b/y.yaml"])

        assert tree(root) == {"r/b/notes.txt": "mine"}
        assert not (root / "r/a").exists()

    def test_unchanged_content_keeps_its_modification_time(self, root: Path) -> None:
        files.write_tree(root, [File("a.yaml", "1\n")], [])
        os.utime(root / "a.yaml", (1, 1))
        files.write_tree(root, [File("a.yaml", "1\n")], [])

        assert (root / "a.yaml").stat().st_mtime == 1

    @pytest.mark.parametrize("mask", [0o000, 0o077, 0o777])
    def test_modes_do_not_depend_on_the_umask(self, root: Path, mask: int) -> None:
        before = os.umask(mask)
        try:
            files.write_files(root, [Change("d/a.yaml", b"1"), Change("d/run.sh", b"2", executable=True)], [])
        finally:
            os.umask(before)

        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [root / "d", *(root / "d").iterdir()]}
        assert modes == {"d": 0o755, "a.yaml": 0o644, "run.sh": 0o755}

    def test_a_changed_executable_bit_is_a_change(self, root: Path) -> None:
        files.write_files(root, [Change("run.sh", b"2")], [])
        files.write_files(root, [Change("run.sh", b"2", executable=True)], [])

        assert stat.S_IMODE((root / "run.sh").stat().st_mode) == 0o755

    def test_removing_what_is_gone_already_is_no_error(self, root: Path) -> None:
        files.write_tree(root, [], ["a/gone.yaml"])

        assert tree(root) == {}

    def test_eight_thousand_files_take_seconds_not_minutes(self, root: Path) -> None:
        many = [File(f"rendered/n{i % 40}/j{i // 8}/f{i % 8}.yaml", f"{i}\n" * 200) for i in range(8000)]
        start = time.monotonic()
        files.write_tree(root, many, [])
        took = time.monotonic() - start

        assert sum(1 for path in (root / "rendered").rglob("*.yaml")) == 8000
        assert took < 10


class TestRefusing:
    @pytest.mark.parametrize(
        "path", ["../x", "/etc/x", "a/../../x", "a//b", "./a", "", ".git/config", "a/.git/hooks/pre-commit", "a\0b"]
    )
    def test_a_path_that_is_not_plainly_inside_is_refused(self, root: Path, path: str) -> None:
        with pytest.raises(UserError, match="not a path inside the repository"):
            files.write_tree(root, [File("ok.yaml", "1"), File(path, "2")], [])

        assert tree(root) == {}

    def test_a_folder_that_is_a_link_is_refused_and_nothing_is_written_through_it(
        self, root: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "outside").mkdir()
        (root / "rendered").symlink_to(tmp_path / "outside")
        with pytest.raises(UserError, match="rendered is a symbolic link; Covey does not write through links"):
            files.write_tree(root, [File("rendered/a.yaml", "1")], [])

        assert list((tmp_path / "outside").iterdir()) == []

    @pytest.mark.parametrize("removal", [False, True])
    def test_targets_that_are_no_files_are_refused(self, root: Path, removal: bool) -> None:
        (root / "link").symlink_to("elsewhere")
        (root / "folder").mkdir()
        os.mkfifo(root / "pipe")
        for name, said in [("link", "symbolic link"), ("folder", "stands where"), ("pipe", "stands where")]:
            with pytest.raises(UserError, match=said):
                files.write_tree(root, [] if removal else [File("ok", "1"), File(name, "2")], [name] if removal else [])

        assert not (root / "ok").exists()

    def test_a_file_where_a_folder_is_needed_is_refused(self, root: Path) -> None:
        (root / "a").write_text("mine")
        with pytest.raises(UserError, match="a stands where Covey needs a folder"):
            files.write_tree(root, [File("a/b.yaml", "1")], [])

        assert tree(root) == {"a": "mine"}

    def test_a_read_only_folder_leaves_everything_as_it_was(self, root: Path) -> None:
        files.write_tree(root, [File("a/one.yaml", "1\n"), File("b/two.yaml", "2\n")], [])
        for folder in (root, root / "a", root / "b", root / ".covey", root / ".covey/covey.lock"):
            os.chown(folder, NOBODY, NOBODY) if os.geteuid() == 0 else None
        for folder in root.parents:
            if folder.stat().st_uid == os.geteuid() and "pytest" in str(folder):
                folder.chmod(0o755)
        (root / "b").chmod(0o555)
        paths = ["a/one.yaml", "c/d/e", "b/two.yaml"]
        child = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(root), *paths], capture_output=True, text=True, check=True
        )

        assert child.stdout == f"Can't write {root}/b/two.yaml: permission denied. Nothing was changed.\n"
        assert tree(root) == {"a/one.yaml": "1\n", "b/two.yaml": "2\n"}
        assert not (root / "c").exists()

    def test_a_full_disk_leaves_everything_as_it_was(self, small_disk: Path) -> None:
        files.write_tree(small_disk, [File("a/one.yaml", "1\n")], [])
        with pytest.raises(UserError, match=r"Can't write .*/a/big\.yaml: the disk is full\."):
            files.write_tree(small_disk, [File("a/one.yaml", "2\n"), File("a/big.yaml", "x" * 400_000)], [])

        assert tree(small_disk) == {"a/one.yaml": "1\n"}


class TestInterruption:
    def killed(self, root: Path, *, wait: str) -> subprocess.Popen[bytes]:
        """A writer that stops between its two phases, so that it can be ended there."""
        script = f"""
import sys, time
from pathlib import Path
from covey_cli.staging import Change, Staging
root = Path({str(root)!r})
with Staging(root) as staging:
    staging.stage([Change("rendered/a/one.yaml", b"new"), Change("rendered/b/two.yaml", b"new")], [])
    print("staged", flush=True)
    {wait}
    staging.apply()
"""
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            env=unmeasured(os.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"staged\n"
        process.stdout.close()
        return process

    def test_an_interrupt_before_the_second_phase_changes_nothing(self, root: Path) -> None:
        files.write_tree(root, [File("rendered/a/one.yaml", "old")], [])
        process = self.killed(root, wait="time.sleep(60)")
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)

        assert tree(root) == {"rendered/a/one.yaml": "old"}
        assert not (root / "rendered/b").exists()

    def test_the_next_run_removes_what_a_killed_one_left_and_only_that(self, root: Path) -> None:
        files.write_tree(root, [File("rendered/a/one.yaml", "old")], [])
        process = self.killed(root, wait="time.sleep(60)")
        process.kill()
        process.wait(timeout=10)
        others = {f"rendered/a/{PREFIX}{os.getppid()}-0": "of a living process", f"rendered/a/{PREFIX}notes": "mine"}
        for path, text in others.items():
            (root / path).write_text(text)
        left = [path for path in tree(root) if PREFIX in path]
        files.write_tree(root, [File("rendered/c/three.yaml", "3")], [])

        assert len(left) == 4
        assert tree(root) == {"rendered/a/one.yaml": "old", "rendered/c/three.yaml": "3", **others}


class TestSafePath:
    def test_a_path_inside_is_given_back_under_the_root(self, root: Path) -> None:
        assert files.safe_path(root, "jobs/a/../b/job.yaml") == root / "jobs/b/job.yaml"

    @pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "", "a\0b"])
    def test_a_path_outside_is_refused(self, root: Path, path: str) -> None:
        with pytest.raises(UserError, match="leads outside of"):
            files.safe_path(root, path)

    def test_a_link_out_of_the_root_is_refused_one_inside_is_not(self, root: Path, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("s")
        (root / "out").symlink_to(tmp_path)
        (root / "in").symlink_to(".")

        assert files.safe_path(root, "in/a.yaml") == root / "in/a.yaml"
        with pytest.raises(UserError, match=r"outside of .* by a symbolic link"):
            files.safe_path(root, "out/secret")

    def test_gits_own_files_are_refused(self, root: Path) -> None:
        (root / "alias").symlink_to(".git")
        for path in (".git/config", "alias/config"):
            with pytest.raises(UserError, match="git's own files"):
                files.safe_path(root, path)


class TestReading:
    def test_a_file_up_to_the_limit_is_read(self, root: Path) -> None:
        (root / "a").write_bytes(b"12345")

        assert files.read_bytes(root / "a", 5) == b"12345"
        with pytest.raises(UserError, match="has 5 bytes; the limit is 4"):
            files.read_bytes(root / "a", 4)

    def test_what_is_no_file_is_refused_at_once(self, root: Path) -> None:
        os.mkfifo(root / "pipe")
        (root / "loop").symlink_to("loop")
        for path, said in [
            (root / "pipe", "is a named pipe, not a file"),
            (root, "is a directory, not a file"),
            (root / "loop", "symbolic links lead in a circle"),
            (root / "none", "it does not exist"),
            (type(root)("/dev/stdin"), "is no regular file"),
            (type(root)("/dev/zero"), "is no regular file"),
        ]:
            with pytest.raises(UserError, match=said):
                files.read_bytes(path, 100)


HOLDER = """
import sys, time
from pathlib import Path
from covey_cli.files import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(root)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    process.stdout.close()
    yield process
    process.kill()
    process.wait(timeout=10)


class TestLock:
    def test_gives_up_with_the_holders_number(self, root: Path, holder: subprocess.Popen[bytes]) -> None:
        said = rf"\(process {holder.pid}\) has held .*covey.lock for 0 seconds"
        with pytest.raises(UserError, match=said), locking.lock(root, patience=0.1):
            pass

    def test_says_whom_it_waits_for_and_goes_on_when_the_holder_dies(
        self,
        root: Path,
        holder: subprocess.Popen[bytes],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(locking, "QUIET", 0.1)
        timer = threading.Timer(0.5, holder.kill)
        timer.start()
        with locking.lock(root, patience=20):
            pass
        timer.join()

        assert capsys.readouterr().err == f"Waiting for another covey (process {holder.pid}) to finish ...\n"

    def test_may_be_taken_again_by_its_holder(self, root: Path) -> None:
        with locking.lock(root), locking.lock(root):
            files.write_tree(root, [File("a", "1")], [])
        with locking.lock(root):
            pass

        assert tree(root) == {"a": "1"}

    def test_lies_in_gits_private_area_also_in_a_linked_work_tree(self, root: Path, tmp_path: Path) -> None:
        commands = [
            ["init", "-q"],
            ["-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "--allow-empty", "-m", "x"],
            ["worktree", "add", "-q", str(tmp_path / "linked")],
        ]
        for command in commands:
            subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)

        assert locking.private_area(root / "sub") == root / ".git"
        assert locking.private_area(tmp_path / "linked") == root / ".git/worktrees/linked"

    def test_outside_of_git_it_ignores_itself(self, root: Path) -> None:
        with locking.lock(root):
            pass

        assert content(root) == {".covey/.gitignore": "*\n", ".covey/covey.lock": f"{os.getpid()}\n"}
