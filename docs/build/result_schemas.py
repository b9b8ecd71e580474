"""JSON Schemas of the files that a run leaves, from the dataclasses that read and write them."""

# ruff: noqa: INP001 - a folder of scripts, not a package
from __future__ import annotations

import json

from covey_core.results.codec import schema
from covey_core.results.series import Round
from covey_core.results.summary import RunFacts, Summary

MODELS = {
    "run": (RunFacts, "run.json: what is known when a local run starts"),
    "round_metrics": (Round, "A line of round_metrics.jsonl: one finished round"),
    "metrics_summary": (Summary, "metrics_summary.json: a whole run"),
}


def result_schemas() -> dict[str, str]:
    """File name -> text."""
    return {
        f"{name}.schema.json": json.dumps(schema(model, title=title), indent=2) + "\n"
        for name, (model, title) in MODELS.items()
    }
