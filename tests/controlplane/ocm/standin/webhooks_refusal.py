"""Why a webhook refuses a request."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - an answer, no error
    def __init__(self, message: str, *, code: int = 400, reason: str = "BadRequest") -> None:
        super().__init__(message)
        self.code, self.reason = code, reason


def forbidden(resource: str, name: str, message: str) -> Refusal:
    return Refusal(f'{resource} "{name}" is forbidden: {message}', code=403, reason="Forbidden")
