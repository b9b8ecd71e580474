"""Fills the page. Whatever comes from a run is cut, made inert and escaped in one place: `finalize` and autoescape."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any

from covey_cli.console import safe
from covey_cli.errors import UserError

from . import happenings, view, words

if TYPE_CHECKING:
    from covey_cli.local_run.files import Results


def page(results: Results) -> str:
    """The report as one HTML text; raises UserError where jinja2 is missing."""
    try:
        import jinja2  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise UserError("The report needs the package jinja2.", hint="Run `pip install 'covey[local]'`.") from None
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_inert,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {name: getattr(words, name) for name in ("percent", "number", "duration", "moment", "size")}
    style = _text("style.css")
    return environment.get_template("page.html.j2").render(
        summary=results.summary,
        rounds=results.rounds,
        style=style,
        policy=_policy(style),
        view=view,
        words=words,
        happenings=happenings,
        results=results,
    )


def _inert(value: Any) -> Any:
    """Markup is the template's own; every text is from a run, or might be."""
    return safe(value) if type(value) is str else value


def _policy(style: str) -> str:
    """Nothing may be loaded, run or sent; only this style sheet holds."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")
