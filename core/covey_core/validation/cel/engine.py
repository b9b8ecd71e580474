"""The CEL engine with Kubernetes' functions; importing it is slow, so nothing does before the first rule is met."""

from __future__ import annotations

from functools import cache
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped]  # it has stubs and no py.typed
from cel_expr_python.ext import (  # type: ignore[import-untyped]  # the same
    ext_bindings,
    ext_encoders,
    ext_math,
    ext_optional,
    ext_strings,
)

from .library import extension


@cache
def environment() -> Any:
    """Variables are dynamic: the schema has already checked their types."""
    return cel.NewEnv(
        variables=dict.fromkeys(("self", "oldSelf", "raw"), cel.Type.DYN),
        extensions=[
            ext_optional.ExtOptional(),
            ext_strings.ExtStrings(),
            ext_math.ExtMath(),
            ext_bindings.ExtBindings(),
            ext_encoders.ExtEncoders(),
            extension(cel),
        ],
    )
