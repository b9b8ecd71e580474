from __future__ import annotations

import shlex
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click
import pytest

from command_lines import parse
from covey_cli.__main__ import main
from covey_cli.app import COMMANDS, SECTIONS
from covey_cli.command import Command
from covey_cli.version import VERSION
from program import covey, environment, on_a_terminal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=COMMANDS)
def declared(request: pytest.FixtureRequest) -> Command | click.Group:
    command = import_module(COMMANDS[request.param].module).command
    assert isinstance(command, Command | click.Group)
    return command


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"covey {VERSION}\n"


def test_the_help_lists_every_command_under_its_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for section in SECTIONS:
        assert f"\n{section}:\n" in shown
    for name, entry in COMMANDS.items():
        assert f"\n  {name} " in shown
        assert entry.help in shown


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_version_and_help_import_no_command_and_no_heavy_library(arguments: list[str]) -> None:
    code = (
        "import sys; from covey_cli.__main__ import main; main(sys.argv[1:]);"
        "print([m for m in sys.modules if m.startswith('covey_cli.commands.')"
        " or m in ('yaml', 'yaml_rs', 'jsonschema_rs', 'cel_expr_python', 'importlib.metadata', 'subprocess')])"
    )
    ended = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


def test_no_command_shows_the_help_as_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("Usage: covey [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (["valdate"], "There is no command 'valdate'. Did you mean 'validate'?"),
        (["explain", "--recursiv"], "Did you mean '--recursive'?"),
        (["explain", "--format", "jsn"], "Did you mean 'json'?"),
        (["--color", "nevr", "explain"], "Did you mean 'never'?"),
        (["completion", "fissh"], "Did you mean 'fish'?"),
    ],
)
def test_a_misspelt_word_is_a_usage_error_with_a_suggestion(
    arguments: list[str], suggestion: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert suggestion in printed.err
    assert printed.err.splitlines()[-1].startswith("hint: `covey")
    assert not printed.out


def test_every_command_has_help_and_examples(declared: Command | click.Group) -> None:
    for command in _leaves(declared):
        assert command.help
        assert command.examples
        with click.Context(command) as context:
            assert "\nExamples:\n" in command.get_help(context)


def test_every_example_parses(declared: Command | click.Group) -> None:
    for command in _leaves(declared):
        lines = [line.removeprefix('eval "$(').removesuffix(')"').partition(" > ")[0] for _, line in command.examples]
        ours = [part for line in lines for part in line.split("|") if part.strip().startswith("covey ")]
        assert ours
        for part in ours:
            parse(shlex.split(part)[1:])


def test_every_option_has_help(declared: Command | click.Group) -> None:
    for command in _leaves(declared):
        unexplained = [one.name for one in command.params if isinstance(one, click.Option) and not one.help]
        assert not unexplained


def _leaves(command: click.Command) -> list[Command]:
    if isinstance(command, click.Group):
        return [leaf for one in command.commands.values() for leaf in _leaves(one)]
    assert isinstance(command, Command)
    return [command]


def test_completion_knows_the_commands_and_imports_none(tmp_path: Path) -> None:
    asked = {"_COVEY_COMPLETE": "bash_complete", "COMP_WORDS": "covey ex", "COMP_CWORD": "1"}
    ended = covey(cwd=tmp_path, env=environment(tmp_path, **asked))
    assert ended.stdout == "plain,explain\n"


def test_completion_knows_options_and_values(tmp_path: Path) -> None:
    asked = {"_COVEY_COMPLETE": "bash_complete", "COMP_WORDS": "covey explain --format j", "COMP_CWORD": "3"}
    assert covey(cwd=tmp_path, env=environment(tmp_path, **asked)).stdout == "plain,json\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_asks_covey(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert f"_COVEY_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_bash_accepts_the_completion_script(tmp_path: Path) -> None:
    script = covey("completion", "bash", cwd=tmp_path).stdout
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("arguments", "env", "colored"),
    [
        (["explain", "job"], {}, True),
        (["explain", "job"], {"NO_COLOR": "1"}, False),
        (["explain", "job"], {"TERM": "dumb"}, False),
        (["--color", "never", "explain", "job"], {}, False),
        (["--color", "always", "explain", "job"], {"NO_COLOR": "1"}, True),
        (["explain", "jbo"], {}, True),
        (["explain", "jbo"], {"NO_COLOR": "1"}, False),
        (["--color", "never", "explain", "jbo"], {}, False),
    ],
)
def test_colours_on_a_terminal_follow_the_user(
    arguments: list[str], env: dict[str, str], *, colored: bool, tmp_path: Path
) -> None:
    assert ("\x1b[" in on_a_terminal(*arguments, cwd=tmp_path, env=environment(tmp_path, **env))[1]) is colored


@pytest.mark.parametrize(("choice", "colored"), [("auto", False), ("always", True)])
def test_colours_in_a_pipe_only_if_asked_for(choice: str, *, colored: bool, tmp_path: Path) -> None:
    assert ("\x1b[" in covey("--color", choice, "explain", "job", cwd=tmp_path).stdout) is colored
