"""Real environments, filled from a folder of tiny wheels, so that no network is needed."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import threading
from importlib.metadata import version
from pathlib import Path

import pytest

from covey_core.launch.exits import Exit, LaunchError
from covey_runtimes import app_dependencies, environments
from wheels import hashed, wheel


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Settings under which there is an environment that holds `shared` 1.0, and wheels of what apps want."""
    place = tmp_path_factory.mktemp("environments")
    index = place / "wheels"
    index.mkdir()
    shared = wheel(index, "shared", "1.0", extras={"more": "further"})
    wheel(index, "shared", "2.0")
    wheel(index, "further", "0.3", needs="shared>=1.0")

    def settle(patch):
        patch.delenv("COVEY_RUNTIMES", raising=False)
        patch.setenv("XDG_CACHE_HOME", str(place))
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(index))
        patch.setattr(environments, "_requirements", lambda _: hashed("shared==1.0", shared))

    with pytest.MonkeyPatch.context() as patch:
        settle(patch)
        environments.make("flower")
    return settle


@pytest.fixture
def cached(filled, monkeypatch):
    filled(monkeypatch)


@pytest.fixture
def app(tmp_path):
    def make(*dependencies):
        (tmp_path / "pyproject.toml").write_text(f"[project]\nname = 'app'\ndependencies = {list(dependencies)!r}\n")
        return tmp_path

    return make


@pytest.fixture
def empty(monkeypatch, tmp_path):
    """A cache in which nothing was made yet, for a runtime that needs nothing."""
    monkeypatch.delenv("COVEY_RUNTIMES", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(environments, "_requirements", lambda _: b"")


def shown(python, code):
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.usefixtures("empty")
def test_an_environment_that_nobody_made_is_told():
    with pytest.raises(LaunchError, match="The environment of the runtime 'flower' is not in") as caught:
        environments.python("flower")
    assert caught.value.code is Exit.START


def test_an_image_brings_its_own_and_nothing_is_made_there(monkeypatch, tmp_path, app):
    monkeypatch.setenv("COVEY_RUNTIMES", str(tmp_path / "image"))
    python = tmp_path / "image/flower/bin/python"
    python.parent.mkdir(parents=True)
    python.touch()

    assert environments.make("flower", app("nobody-has-this")) == python
    assert environments.python("flower", app("nobody-has-this")) == python
    assert [path.name for path in (tmp_path / "image").iterdir()] == ["flower"]


def test_an_image_that_lacks_an_environment_is_told_as_one_that_can_not_be_made(monkeypatch, tmp_path):
    monkeypatch.setenv("COVEY_RUNTIMES", str(tmp_path))
    with pytest.raises(environments.NoEnvironmentError, match="The environment of the runtime 'flower' is not in"):
        environments.make("flower")

    made = subprocess.run(
        [sys.executable, "-m", "covey_runtimes.environments", "flower"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 1
    assert made.stderr.startswith("error: The environment of the runtime 'flower' is not in")


@pytest.mark.parametrize(
    "wanted",
    [
        "./pkg",
        "../pkg",
        "pkg/",
        ".",
        "-e ./pkg",
        "-e .",
        "/opt/pkg",
        "file:///opt/pkg",
        "pkg @ file:///opt/pkg",
        "libs/pkg[extra]",
        "pkg-1.0-py3-none-any.whl",
    ],
)
def test_a_path_is_no_dependency_as_its_edits_would_go_unnoticed(app, wanted):
    with pytest.raises(environments.NoEnvironmentError, match="a path: once installed, its edits would go unnoticed"):
        app_dependencies.read("flower", app(wanted))


@pytest.mark.parametrize(
    "wanted",
    [
        "numpy>=2",
        "shared[more]==1.0 ; python_version > '3'",
        "pkg @ https://example.com/pkg-1.0.tar.gz",
        "-e git+https://example.com/pkg.git#egg=pkg",
        "git+https://example.com/pkg.git",
        "--extra-index-url https://example.com/simple",
        "-f ./wheels",
        "https://example.com/pkg-1.0-py3-none-any.whl",
    ],
)
def test_what_comes_from_elsewhere_is_a_dependency(app, wanted):
    assert app_dependencies.read("flower", app(wanted)) == (wanted,)


@pytest.mark.usefixtures("empty")
def test_other_requirements_are_another_environment(monkeypatch):
    before = environments.folder("flower")
    monkeypatch.setattr(environments, "_requirements", lambda _: b"flwr==9\n")

    assert environments.folder("flower") != before
    assert environments.folder("flower").parent == before.parent


@pytest.mark.usefixtures("empty")
def test_a_half_made_environment_is_made_again_and_by_two_processes_once():
    path = environments.folder("flower")
    (path / "bin").mkdir(parents=True)
    (path / "bin/left-over").touch()
    told = []
    both = [threading.Thread(target=environments.make, args=("flower", None, told.append)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert sorted(text.split()[0] for text in told) == ["Another", "Making"]
    assert not (path / "bin/left-over").exists()
    made = environments.python("flower").lstat().st_mtime_ns
    assert environments.make("flower", tell=told.append).lstat().st_mtime_ns == made
    assert len(told) == 2


@pytest.mark.usefixtures("empty")
def test_what_cannot_be_installed_is_told_in_one_sentence(monkeypatch):
    monkeypatch.setattr(environments, "_requirements", lambda _: b"this is no requirement\n")

    with pytest.raises(environments.NoEnvironmentError, match=r"^What the runtime flower needs can't be installed: "):
        environments.make("flower")
    with pytest.raises(LaunchError, match="is not in"):  # the half of it does not pass for a whole
        environments.python("flower")


def test_a_runtime_without_requirements_has_no_environment():
    with pytest.raises(environments.NoEnvironmentError, match="'stranger' has no requirements"):
        environments.make("stranger")
    with pytest.raises(LaunchError, match="'stranger' has no requirements"):
        environments.python("stranger")


@pytest.mark.parametrize("wanted", [(), ("shared",), ("shared>=1",), ("shared<2; python_version > '3'", "Shared==1.0")])
@pytest.mark.usefixtures("cached")
def test_an_app_that_needs_no_more_gets_the_runtimes_own(app, wanted):
    base = environments.python("flower")

    assert environments.python("flower", app(*wanted)) == base
    assert environments.make("flower", app(*wanted)) == base


@pytest.mark.usefixtures("cached")
def test_a_further_dependency_goes_on_top_and_leaves_the_base_alone(app):
    told = []
    with pytest.raises(LaunchError, match="What the app needs beyond the runtime 'flower' is not in"):
        environments.python("flower", app("further"))

    own = environments.make("flower", app("further"), told.append)

    assert "further" in told[0]
    assert shown(own, "import shared, further; print(shared.VERSION, further.VERSION)") == "1.0 0.3"
    assert environments.python("flower", app("further")) == own
    assert environments.make("flower", app("further"), told.append) == own
    assert len(told) == 1
    base = environments.python("flower")
    with pytest.raises(subprocess.CalledProcessError):
        shown(base, "import further")


@pytest.mark.usefixtures("cached")
def test_an_extra_is_missing_where_what_it_asks_for_is(app):
    own = environments.make("flower", app("shared[more]"))

    assert own != environments.python("flower")
    assert shown(own, "import further; print(further.VERSION)") == "0.3"


@pytest.mark.usefixtures("cached")
def test_the_runtimes_programs_start_with_the_apps_interpreter(app):
    program = environments.make("flower", app("further")).with_name("shared-program")

    assert subprocess.run([program], capture_output=True, text=True, check=True).stdout.strip() == "0.3"


@pytest.mark.usefixtures("cached")
def test_simulation_is_not_installed_for_a_federation(app):
    assert environments.make("flower", app("shared[simulation]>=1")) == environments.python("flower")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("nobody-has-this>=3", r"^The package index has no nobody-has-this>=3, which the app in /.* needs\.$"),
        ("shared>=2", r"does not go together with its runtime's own packages"),
        ("not a requirement", r"^What the app in /.* needs can't be installed: .*not a requirement"),
    ],
)
@pytest.mark.usefixtures("cached")
def test_a_dependency_that_cannot_be_had_is_named(app, wanted, said):
    with pytest.raises(environments.NoEnvironmentError, match=said):
        environments.make("flower", app(wanted))


@pytest.mark.usefixtures("cached")
def test_an_index_that_cannot_be_reached_is_told(app, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")

    with pytest.raises(environments.NoEnvironmentError, match=r"index can't be reached.*\(nobody-has-this\)"):
        environments.make("flower", app("nobody-has-this"))


@pytest.mark.usefixtures("cached")
def test_broken_dependencies_are_told_by_file(app):
    folder = app()
    (folder / "pyproject.toml").write_text("[project\n")

    with pytest.raises(environments.NoEnvironmentError, match=r"can't be read in /.*pyproject\.toml"):
        environments.make("flower", folder)
    with pytest.raises(LaunchError, match=r"can't be read in /.*pyproject\.toml"):
        environments.python("flower", folder)


def test_they_can_be_made_beforehand():
    made = subprocess.run(
        [sys.executable, "-m", "covey_runtimes.environments", "stranger"], capture_output=True, text=True, check=False
    )

    assert (made.returncode, made.stderr) == (
        1,
        "error: The runtime 'stranger' has no requirements.txt, so no environment.\n",
    )


def test_a_real_distribution_is_judged_by_its_own_metadata():
    """Of this very environment: what pip would find is found, extras and all."""
    here = Path(sysconfig.get_path("purelib"))
    assert app_dependencies.satisfied([f"numpy=={version('numpy')}", "scikit_learn"], here)
    assert not app_dependencies.satisfied(["numpy<1"], here)
    assert not app_dependencies.satisfied(["numpy @ https://example.com/numpy.whl"], here)
