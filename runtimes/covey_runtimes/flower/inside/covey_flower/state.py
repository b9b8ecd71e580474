"""A strategy's own state (momentum and the like): attributes that hold arrays, under `<attribute>/<kind>/<key>`."""

from __future__ import annotations

from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord
from flwr.common import Parameters, ndarrays_to_parameters, parameters_to_ndarrays

_RECORD, _MAPPING, _LIST, _PARAMETERS = "rdlp"


def of(strategy: Any) -> dict[str, Any]:
    return {path: array for name, value in vars(strategy).items() for path, array in _parts(name, value)}


def restore(strategy: Any, state: dict[str, np.ndarray[Any, Any]]) -> None:
    grouped: dict[tuple[str, str], dict[str, Any]] = {}
    for path, value in state.items():
        name, kind, key = path.split("/", 2)
        grouped.setdefault((name, kind), {})[key] = value
    for (name, kind), values in grouped.items():
        setattr(strategy, name, _whole(kind, values))


def _parts(name: str, value: Any) -> list[tuple[str, np.ndarray[Any, Any]]]:
    kind, parts = _LIST, {}
    if isinstance(value, ArrayRecord):
        kind, parts = _RECORD, {key: array.numpy() for key, array in value.items()}
    elif isinstance(value, Parameters) and value.tensor_type == "numpy.ndarray":
        kind, parts = _PARAMETERS, dict(enumerate(parameters_to_ndarrays(value)))
    elif isinstance(value, dict) and all(isinstance(item, np.ndarray) for item in value.values()):
        kind, parts = _MAPPING, value
    elif isinstance(value, list) and all(isinstance(item, np.ndarray) for item in value):
        parts = dict(enumerate(value))
    return [(f"{name}/{kind}/{key}", array) for key, array in parts.items()]


def _whole(kind: str, values: dict[str, Any]) -> Any:
    if kind == _RECORD:
        return ArrayRecord({key: Array(value) for key, value in values.items()})
    if kind == _PARAMETERS:
        return ndarrays_to_parameters(list(values.values()))
    return values if kind == _MAPPING else list(values.values())
