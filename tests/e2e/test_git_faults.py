"""What git can do to a user: each case has its sentence, and nothing is lost or half done."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from git_repos import World, copy_world, hook, make_world

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "ghp_" + "a1B2" * 10
JOB = "jobs/vision/digits/job.yaml"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("template"))


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    return copy_world(template, tmp_path)


@pytest.fixture
def clone(world: World) -> Path:
    return world.clone("clone")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def more_rounds(clone: Path) -> None:
    edit(clone / JOB, "rounds: 5", "rounds: 10")


def snapshot(clone: Path) -> dict[str, bytes]:
    files = (path for path in clone.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path): path.read_bytes() for path in files if ".git" not in path.parts}


def refused(world: World, cwd: Path, *arguments: str, **extra: str) -> str:
    """The error's sentence; whatever was refused, the work tree and the shared repository are as they were."""
    before, shared = snapshot(cwd), world.git(world.bare, "show-ref")
    done = world.covey(cwd, *arguments, **extra)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(cwd) == before
    assert world.git(world.bare, "show-ref") == shared
    return done.stdout + done.stderr


# Commit: the state of the repository


def detach(world: World, clone: Path) -> None:
    world.git(clone, "checkout", "-q", "--detach")


def conflict(world: World, clone: Path) -> None:
    world.git(clone, "checkout", "-q", "-b", "other")
    edit(clone / JOB, "rounds: 5", "rounds: 6")
    world.git(clone, "commit", "-qam", "six")
    world.git(clone, "checkout", "-q", "main")
    edit(clone / JOB, "rounds: 5", "rounds: 7")
    world.git(clone, "commit", "-qam", "seven")


def merging(world: World, clone: Path) -> None:
    conflict(world, clone)
    world.git(clone, "merge", "other", check=False)


def rebasing(world: World, clone: Path) -> None:
    conflict(world, clone)
    world.git(clone, "rebase", "other", check=False)


def unmerged(world: World, clone: Path) -> None:
    edit(clone / JOB, "rounds: 5", "rounds: 6")
    world.git(clone, "stash", "-q")
    edit(clone / JOB, "rounds: 5", "rounds: 7")
    world.git(clone, "commit", "-qam", "seven")
    world.git(clone, "stash", "pop", check=False)


def submodule(world: World, clone: Path) -> None:
    allowed = ("-c", "protocol.file.allow=always")
    world.git(clone, *allowed, "submodule", "add", "-q", world.bare.as_uri(), "jobs/vision/lanes")


def lfs_pointer(_world: World, clone: Path) -> None:
    (clone / JOB).write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 312\n")


def no_identity(world: World, clone: Path) -> None:
    world.git(clone, "config", "user.useConfigOnly", "true")
    (world.folder / "home/gitconfig").write_text("")


def ignored(world: World, clone: Path) -> None:
    (clone / ".gitignore").write_text("service-*.yaml\n")
    edit(clone / JOB, "rounds: 5", "rounds: 10")
    world.git(clone, "rm", "-q", "--cached", "rendered/vision/digits/service-digits-listener.yaml")


def lock_left(world: World, clone: Path) -> None:
    more_rounds(clone)
    assert world.covey(clone, "render").returncode == 0
    (clone / ".git/index.lock").write_text("")


def no_signature(world: World, clone: Path) -> None:
    more_rounds(clone)
    assert world.covey(clone, "render").returncode == 0
    world.git(clone, "config", "commit.gpgSign", "true")
    world.git(clone, "config", "gpg.program", "false")


def refusing_hook(world: World, clone: Path) -> None:
    more_rounds(clone)
    assert world.covey(clone, "render").returncode == 0
    hook(clone, "commit-msg", "echo 'Name a ticket.' >&2\nexit 1\n")


def misspelt(_world: World, clone: Path) -> None:
    edit(clone / JOB, "rounds: 5", "ruonds: 5")


def token_in_app(_world: World, clone: Path) -> None:
    (clone / "jobs/vision/digits/app/main.py").write_text(f"token = '{TOKEN}'\n")


def stranger(_world: World, clone: Path) -> None:
    (clone / "rendered/vision/digits/extra.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (detach, "HEAD is detached: no branch would keep the commit.\nhint: `git switch -c NAME` makes a branch here."),
        (merging, "A merge is under way in"),
        (rebasing, "`git rebase --continue` or end it with `git rebase --abort`"),
        (unmerged, f"There are unmerged files: {JOB}.\nhint: Resolve them and `git add` them."),
        (submodule, "jobs/vision/lanes is a submodule: what is in it is not reviewed with this repository."),
        (lfs_pointer, f"{JOB} is a pointer of Git LFS, not the file itself."),
        (no_identity, "Git does not know who you are."),
        (lock_left, "Another git process is at work in this repository, or one has crashed."),
        (no_signature, "The commit could not be signed."),
        (refusing_hook, "A hook of this repository (commit-msg) refused the commit: Name a ticket."),
        (misspelt, f"{JOB}:10:3: error: Unknown field `ruonds` in `spec`; did you mean `rounds`?"),
        (token_in_app, "jobs/vision/digits/app/main.py:1:1: error: This line holds a GitHub token"),
        (stranger, "rendered/vision/digits/extra.yaml was not rendered by Covey"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_commit_refuses_with_a_sentence(
    world: World, clone: Path, spoil: Callable[[World, Path], None], said: str
) -> None:
    spoil(world, clone)
    index = world.git(clone, "status", "--porcelain", check=False)
    message = refused(world, clone, "commit")

    assert said in message
    assert TOKEN not in message
    assert world.git(clone, "status", "--porcelain", check=False) == index


def test_commit_refuses_what_git_would_leave_out(world: World, clone: Path) -> None:
    ignored(world, clone)
    done = world.covey(clone, "commit")

    assert done.returncode == 1
    assert "Git ignores rendered/vision/digits/service-digits-listener.yaml, so that it would be missing" in done.stderr


def test_commit_outside_of_a_repository_says_so(world: World) -> None:
    (world.folder / "plain").mkdir()
    (world.folder / "plain/covey.yaml").write_text((world.folder / "first/covey.yaml").read_text())

    assert "plain is not in a git repository.\nhint: `git init` makes one" in refused(
        world, world.folder / "plain", "commit"
    )


def test_commit_takes_the_fleets_files_and_leaves_the_users_others_alone(world: World, clone: Path) -> None:
    more_rounds(clone)
    (clone / "notes.txt").write_text("staged")
    world.git(clone, "add", "notes.txt")
    (clone / "notes.txt").write_text("staged, then edited")
    (clone / "draft.txt").write_text("dirty")
    done = world.covey(clone, "commit")

    assert done.returncode == 0, done.stderr
    assert world.git(clone, "status", "--porcelain").splitlines() == ["AM notes.txt", "?? draft.txt"]
    assert world.git(clone, "show", "--format=%B", "--no-patch").splitlines() == [
        "Change job vision/digits: rounds 5 -> 10",
        "",
        "- job vision/digits is changed",
        "  team: @acme/vision",
        "  data set: digits, owned by @acme/radiology",
        "  cluster sets: hospitals",
        "  clusters: hospital-a, hospital-b, hospital-c",
        "  * rounds 5 -> 10",
    ]
    assert world.covey(clone, "render", "--check").returncode == 0


def test_commit_without_a_change_does_nothing(world: World, clone: Path) -> None:
    before = world.git(clone, "rev-parse", "HEAD")
    done = world.covey(clone, "commit")
    as_json = world.covey(clone, "commit", "--format", "json")

    assert (done.returncode, done.stdout) == (0, "Nothing to commit: specs and manifests are in git as they are.\n")
    assert json.loads(as_json.stdout) == {"version": 1, "commit": None, "message": None, "paths": []}
    assert world.git(clone, "rev-parse", "HEAD") == before


def test_commit_works_in_a_shallow_clone_with_words_of_ones_own(world: World) -> None:
    clone = world.clone("shallow", "--depth=1")
    more_rounds(clone)
    done = world.covey(clone, "commit", "--message", "Train for longer")

    assert done.returncode == 0, done.stderr
    assert world.git(clone, "log", "-1", "--format=%B") == "Train for longer"


# Diff


def test_diff_says_which_revision_is_missing(world: World, clone: Path) -> None:
    shallow = world.clone("shallow", "--depth=1")

    assert "There is no revision 'v9' here.\n" in refused(world, clone, "diff", "v9")
    assert "There is no revision '--output=x' here." in refused(world, clone, "diff", "--", "--output=x")
    assert "There is no revision 'HEAD~9' here. This clone is shallow" in refused(world, shallow, "diff", "HEAD~9..")
    assert not (clone / "x").exists()


def test_diff_in_a_clone_too_shallow_to_find_the_fork_says_how_to_deepen_it(world: World, clone: Path) -> None:
    more_rounds(clone)
    assert world.covey(clone, "commit").returncode == 0
    world.git(clone, "push", "-q", "origin", "HEAD:topic")
    world.covey(clone, "submit", "--direct", str(world.spec("home-ada", "lanes")))
    shallow = world.clone("shallow", "--depth=1", "--branch=topic", "--no-single-branch")

    assert "This clone is shallow: where the two branches part is not in it." in refused(world, shallow, "diff")
    assert world.covey(shallow, "diff", "HEAD").stdout == "Nothing changes.\n"


def test_diff_shows_edits_that_are_not_rendered_yet_and_writes_nothing(world: World, clone: Path) -> None:
    more_rounds(clone)
    before = snapshot(clone)
    done = world.covey(clone, "diff")

    assert "  * rounds 5 -> 10\n" in done.stdout
    assert f"  changed {JOB}\n" in done.stdout
    assert snapshot(clone) == before


def test_diff_compares_two_commits_as_they_are(world: World, clone: Path) -> None:
    more_rounds(clone)
    world.covey(clone, "commit")
    (clone / JOB).write_text("broken: [")
    markdown = world.covey(clone, "diff", "HEAD~1..HEAD", "--format", "markdown").stdout
    plain = json.loads(world.covey(clone, "diff", "origin/main...main", "--format", "json").stdout)

    assert "- **`rounds 5 -> 10`**" in markdown
    assert plain["subjects"][0]["notes"] == ["rounds 5 -> 10"]
    assert plain["files"] == [{"path": JOB, "action": "changed"}]


# Submit: the way to the remote


def ssh(world: World, words: str) -> dict[str, str]:
    """A way to a remote that fails as ssh does."""
    script = world.folder / "ssh"
    script.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 255\n")
    script.chmod(0o755)
    return {"GIT_SSH_COMMAND": str(script)}


@pytest.mark.parametrize(
    ("address", "words", "said"),
    [
        (
            "ssh://git@forge.example/f.git",
            "git@forge.example: Permission denied (publickey).",
            "did not accept your cred",
        ),
        (
            "ssh://git@forge.example/f.git",
            "ssh: connect to host forge.example port 22: Connection refused",
            "can't be reached",
        ),
        ("ssh://git@forge.example/f.git", "ERROR: Repository not found.", "does not exist, or you may not see it"),
        ("/no/such/place.git", "", "does not exist, or you may not see it"),
    ],
)
def test_submit_says_why_a_remote_can_not_be_used(
    world: World, clone: Path, address: str, words: str, said: str
) -> None:
    world.git(clone, "remote", "set-url", "origin", address)
    spec = world.spec("home-ada", "lanes")

    assert said in refused(world, clone, "submit", str(spec), **ssh(world, words))


def test_submit_never_prints_the_password_in_an_address(world: World, clone: Path) -> None:
    world.git(clone, "remote", "set-url", "origin", "https://ada:s3cret@127.0.0.1:1/fleet.git")
    message = refused(world, clone, "submit", str(world.spec("home-ada", "lanes")))

    assert "127.0.0.1:1/fleet.git" in message
    assert "s3cret" not in message


def test_submit_needs_a_remote_that_has_a_main_branch(world: World, clone: Path) -> None:
    spec = str(world.spec("home-ada", "lanes"))
    world.git(world.folder, "init", "-q", "--bare", "empty.git")
    world.git(clone, "remote", "add", "empty", str(world.folder / "empty.git"))

    assert "There is no remote 'upstream'; there is empty, origin." in refused(
        world, clone, "submit", spec, "--remote", "upstream"
    )
    assert "The remote empty has no main branch" in refused(world, clone, "submit", spec, "--remote", "empty")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Only the bot may push.", "A hook of the remote refused the push."),
        ("GH006: Protected branch update failed for refs/heads/main.", "The branch is protected"),
    ],
)
def test_submit_passes_on_what_the_remotes_hook_says(world: World, clone: Path, words: str, said: str) -> None:
    hook(world.bare, "pre-receive", f"echo '{words}' >&2\nexit 1\n")
    message = refused(world, clone, "submit", "--direct", str(world.spec("home-ada", "lanes")))

    assert said in message
    assert words in message


def test_submit_shows_the_address_that_the_forge_gives(world: World, clone: Path) -> None:
    hook(world.bare, "post-receive", "echo 'Open https://forge.example/new'\n")
    done = world.covey(clone, "submit", str(world.spec("home-ada", "lanes")))

    assert "remote: Open https://forge.example/new\n" in done.stdout
    assert "Next: open a pull request from covey/vision.lanes into main.\n" in done.stdout


# Submit: branches that move


def pushed_meanwhile(world: World, clone: Path, command: str) -> None:
    """Runs `command` once between a submission's fetch and its push."""
    done = world.folder / "done"
    clean = "for name in $(git rev-parse --local-env-vars); do unset $name; done"
    hook(clone, "pre-push", f"cat >/dev/null\n[ -e {done} ] && exit 0\ntouch {done}\n{clean}\n{command}\n")


def test_a_push_of_another_in_between_is_kept_and_the_job_rendered_again_on_it(world: World, clone: Path) -> None:
    other = world.clone("other")
    edit(other / "datasets/digits.yaml", "- cluster: hospital-c", "- cluster: hospital-d")
    assert world.covey(other, "commit", "-m", "Grant hospital-d").returncode == 0
    pushed_meanwhile(world, clone, f"git -C {other} push -q origin main")
    done = world.covey(clone, "submit", "--direct", str(world.spec("home-ada", "lanes")))

    assert done.returncode == 0, done.stderr
    assert "The branch has moved; trying again on its new tip." in done.stderr
    assert world.log("main")[:2] == ["Add job vision/lanes", "Grant hospital-d"]
    fresh = world.clone("fresh")
    assert "hospital-d" in (fresh / "rendered/vision/lanes/placement-lanes.yaml").read_text()
    assert world.covey(fresh, "render", "--check").returncode == 0


def test_a_main_branch_that_was_moved_by_force_is_not_built_upon(world: World, clone: Path) -> None:
    world.git(world.folder / "first", "commit", "-q", "--amend", "-m", "Another history")
    world.git(world.folder / "first", "push", "-q", "--force", world.bare.as_uri(), "main")
    spec = str(world.spec("home-ada", "lanes"))

    assert "The branch main on origin was moved by force" in refused(world, clone, "submit", "--direct", spec)
    world.git(clone, "fetch", "-q")
    assert world.covey(clone, "submit", "--direct", spec).returncode == 0


def test_a_main_branch_moved_by_force_in_between_is_not_built_upon(world: World, clone: Path) -> None:
    first = world.folder / "first"
    world.git(first, "commit", "-q", "--amend", "-m", "Another history")
    world.git(first, "push", "-q", world.bare.as_uri(), "main:elsewhere")
    pushed_meanwhile(world, clone, f"git -C {world.bare} update-ref refs/heads/main refs/heads/elsewhere")
    done = world.covey(clone, "submit", "--direct", str(world.spec("home-ada", "lanes")))

    assert done.returncode == 1
    assert "The branch main on origin was moved by force" in done.stderr
    assert world.log("main") == ["Another history"]


def test_a_second_submission_adds_to_the_jobs_branch(world: World, clone: Path) -> None:
    assert world.covey(clone, "submit", str(world.spec("home-ada", "lanes"))).returncode == 0
    again = world.covey(clone, "submit", str(world.spec("home-ada", "lanes", rounds=9)))
    same = world.covey(clone, "submit", str(world.spec("home-ada", "lanes", rounds=9)))

    assert "vision/lanes replaces the job that was there" in again.stdout
    assert "Nothing to do: vision/lanes is there already, just like this (covey/vision.lanes on origin)." in same.stdout
    assert world.log("main..covey/vision.lanes") == ["Change job vision/lanes: rounds 5 -> 9", "Add job vision/lanes"]


def test_a_submission_joins_its_branch_with_a_main_one_that_went_on(world: World, clone: Path) -> None:
    assert world.covey(clone, "submit", str(world.spec("home-ada", "lanes"))).returncode == 0
    assert world.covey(clone, "submit", "--direct", str(world.spec("home-ada", "signs"))).returncode == 0
    same = world.covey(clone, "submit", str(world.spec("home-ada", "lanes")))
    again = world.covey(clone, "submit", str(world.spec("home-ada", "lanes", rounds=9)))

    assert "Nothing to do" in same.stdout
    assert again.returncode == 0, again.stderr
    assert world.git(world.bare, "merge-base", "main", "covey/vision.lanes") == world.git(
        world.bare, "rev-parse", "main"
    )
    assert len(world.log("main..covey/vision.lanes")) == 2
    fresh = world.clone("fresh", "--branch=covey/vision.lanes")
    assert "rounds: 9" in (fresh / "jobs/vision/lanes/job.yaml").read_text()
    assert world.covey(fresh, "render", "--check").returncode == 0


def test_a_branch_with_commits_of_others_is_left_to_them(world: World, clone: Path) -> None:
    spec = str(world.spec("home-ada", "lanes", rounds=9))
    assert world.covey(clone, "submit", str(world.spec("home-bob", "lanes"))).returncode == 0
    other = world.clone("other", "--branch=covey/vision.lanes")
    (other / "REVIEW.md").write_text("Looks good.\n")
    world.git(other, "add", "--all")
    world.git(other, "commit", "-qm", "Review")
    world.git(other, "push", "-q")

    assert "holds commits that are not of `covey submit` for this job" in refused(world, clone, "submit", spec)
    assert world.covey(clone, "submit", spec, "--branch", "lanes-2").returncode == 0


# Submit: what is submitted, and from where


def test_submit_leaves_a_dirty_work_tree_as_it_is(world: World, clone: Path) -> None:
    (clone / JOB).write_text("broken: [")
    (clone / "staged").write_text("s")
    world.git(clone, "add", "staged")
    detach(world, clone)
    before, status, refs = snapshot(clone), world.git(clone, "status"), world.git(clone, "show-ref")
    done = world.covey(clone / "jobs", "submit", str(world.spec("home-ada", "lanes")))

    assert done.returncode == 0, done.stderr
    assert (snapshot(clone), world.git(clone, "status")) == (before, status)
    assert (
        world.git(clone, "show-ref").replace(world.git(clone, "show-ref", "covey/vision.lanes"), "").split()
        == refs.split()
    )


@pytest.mark.parametrize("options", [("--depth=1",), ("--no-checkout",), ("--sparse",)])
def test_submit_works_from_any_kind_of_clone(world: World, options: tuple[str, ...]) -> None:
    clone = world.clone("odd", *options)
    (clone / "covey.yaml").write_text((world.folder / "first/covey.yaml").read_text())
    assert world.covey(clone, "submit", "--direct", str(world.spec("home-ada", "lanes"))).returncode == 0
    assert world.covey(clone, "submit", "--direct", str(world.spec("home-ada", "signs"))).returncode == 0
    fresh = world.clone("fresh")

    assert sorted(path.name for path in (fresh / "jobs/vision").iterdir()) == ["digits", "lanes", "signs"]
    assert world.covey(fresh, "render", "--check").returncode == 0


def test_submit_works_from_a_linked_work_tree(world: World, clone: Path) -> None:
    world.git(clone, "worktree", "add", "-q", str(world.folder / "linked"))
    done = world.covey(world.folder / "linked", "submit", "--direct", str(world.spec("home-ada", "lanes")))

    assert done.returncode == 0, done.stderr
    assert world.git(clone, "worktree", "list").count("\n") == 1


def test_submit_works_with_a_relative_address_and_the_hooks_of_init(world: World, clone: Path) -> None:
    """A fleet repo made by `covey init` checks each commit, the submitted ones included."""
    assert world.covey(clone, "init", "--hooks", "--yes").returncode == 0
    world.git(clone, "add", "--all")
    world.git(clone, "commit", "-qm", "Add covey's files", "--no-verify")
    world.git(clone, "push", "-q", "origin", "main")
    world.git(clone, "remote", "set-url", "origin", "../shared.git")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    (clone / ".ci/covey").write_text("#!/bin/sh\nexit 1\n")  # the hook of the submitted tree counts, not this
    done = world.covey(clone, "submit", "--direct", str(world.spec("home-ada", "lanes")), PATH=path)

    assert done.returncode == 0, done.stderr
    assert world.log("main")[0] == "Add job vision/lanes"


def test_a_dry_run_shows_the_change_and_pushes_nothing(world: World, clone: Path) -> None:
    refs = world.git(world.bare, "show-ref")
    done = world.covey(clone, "submit", str(world.spec("home-ada", "lanes")), "--dry-run")

    assert "job vision/lanes is added\n" in done.stdout
    assert "8 files would be pushed to covey/vision.lanes on origin" in done.stdout
    assert world.git(world.bare, "show-ref") == refs


def test_a_job_filed_where_it_belongs_brings_its_whole_folder(world: World, clone: Path) -> None:
    folder = clone / "jobs/vision/lanes"
    (folder / "app").mkdir(parents=True)
    (folder / "job.yaml").write_text((clone / JOB).read_text().replace("name: digits,", "name: lanes,"))
    for path in ("app/run.sh", "Containerfile", "app/__pycache__/x.pyc"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("x\n")
    (folder / "app/run.sh").chmod(0o755)
    assert world.covey(clone, "submit", "--direct", str(folder / "job.yaml")).returncode == 0
    (folder / "Containerfile").unlink()
    assert world.covey(clone, "submit", "--direct", str(folder / "job.yaml")).returncode == 0
    modes = world.git(world.bare, "ls-tree", "-r", "main", "jobs/vision/lanes").splitlines()

    assert [(line.split()[0], line.split("\t")[1]) for line in modes] == [
        ("100755", "jobs/vision/lanes/app/run.sh"),
        ("100644", "jobs/vision/lanes/job.yaml"),
    ]


def test_another_name_and_namespace_can_be_given(world: World, clone: Path) -> None:
    edit(
        clone / "covey.yaml",
        "  - name: vision\n",
        "  - {name: retail, team: '@acme/retail', clusterSets: [hospitals]}\n  - name: vision\n",
    )
    edit(clone / "datasets/digits.yaml", "namespaces: [vision]", "namespaces: [vision, retail]")
    assert world.covey(clone, "commit").returncode == 0
    world.git(clone, "push", "-q", "origin", "main")
    spec = world.spec("home-ada", "lanes")
    spec.write_text("# Ours\n" + spec.read_text())
    done = world.covey(clone, "submit", str(spec), "--namespace", "retail", "--name", "aisles", "--direct")

    assert done.returncode == 0, done.stdout + done.stderr
    text = world.git(world.bare, "show", "main:jobs/retail/aisles/job.yaml")
    assert text.startswith("# Ours\n")
    assert "metadata: {name: aisles, namespace: retail}" in text


def secret_in_spec(world: World, _clone: Path) -> list[str]:
    spec = world.spec("home-ada", "lanes")
    edit(spec, "  rounds: 5", f"  config: {{token: {TOKEN}}}\n  rounds: 5")
    return [str(spec)]


def secret_beside(world: World, _clone: Path) -> list[str]:
    spec = world.spec("home-ada", "lanes")
    (spec.parent / "app/key.pem").write_text("-----BEGIN PRIVATE KEY-----\nMIIE\n")
    return [str(spec)]


def link_in_app(world: World, _clone: Path) -> list[str]:
    spec = world.spec("home-ada", "lanes")
    (spec.parent / "app/data").symlink_to("/etc")
    return [str(spec)]


def large_app(world: World, _clone: Path) -> list[str]:
    spec = world.spec("home-ada", "lanes")
    for number in range(3):
        (spec.parent / f"app/model-{number}.bin").write_bytes(bytes(8 * 2**20))
    return [str(spec)]


def named_lock(world: World, _clone: Path) -> list[str]:
    return [str(world.spec("home-ada", "lock"))]


def unknown_namespace(world: World, _clone: Path) -> list[str]:
    return [str(world.spec("home-ada", "lanes")), "--namespace", "nobodys"]


def broken_main(world: World, clone: Path) -> list[str]:
    (clone / JOB).write_text("broken: [")
    world.git(clone, "commit", "-qam", "Without covey's checks")
    world.git(clone, "push", "-q", "origin", "main")
    return [str(world.spec("home-ada", "lanes"))]


def pipe(world: World, _clone: Path) -> list[str]:
    os.mkfifo(world.folder / "pipe.yaml")
    return [str(world.folder / "pipe.yaml")]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (secret_in_spec, "lanes.yaml:10:19: error: `spec.config.token` holds a GitHub token"),
        (secret_beside, "jobs/vision/lanes/app/key.pem:1:1: error: This line holds a private key"),
        (link_in_app, "app/data is a symbolic link; an app holds plain files only."),
        (large_app, "has more than 16 MiB or 2,000 files."),
        (named_lock, "'covey/vision.lock' can't be a branch in git.\nhint: Name another with --branch."),
        (unknown_namespace, "jobs/nobodys/lanes/job.yaml:3:"),
        (broken_main, f"{JOB}:1:"),
        (pipe, "pipe.yaml is a named pipe, not a file."),
        (lambda _world, _clone: ["/dev/stdin"], "/dev/stdin is no regular file."),
        (lambda _world, _clone: ["none.yaml"], "Can't read none.yaml: it does not exist."),
    ],
)
def test_submit_refuses_with_a_sentence(
    world: World, clone: Path, make: Callable[[World, Path], list[str]], said: str
) -> None:
    message = refused(
        world, clone, "submit", "--direct" if make is not named_lock else "--dry-run", *make(world, clone)
    )

    assert said in message
    assert TOKEN not in message
