"""What goes wrong between here and a hub, as one sentence each, with what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from covey_cli.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .connection import Resource

_TRY = "`kubectl get managedclusters`"


class RefusedError(UserError):
    """The hub has answered, and said no; `status` is HTTP's."""

    def __init__(self, message: str, *, status: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


@contextmanager
def told(server: str, what: Resource | str | None) -> Iterator[None]:
    """What the library raises, about a kind, a path or the connection itself, becomes one sentence."""
    import httpx2  # noqa: PLC0415 - slow
    from lightkube.core.exceptions import ConfigError  # noqa: PLC0415 - slow

    try:
        yield
    except httpx2.HTTPStatusError as error:
        raise _refused(server, what, error) from None
    except httpx2.HTTPError as error:
        hint = f"Is it up, and is the kubeconfig of this hub? {_TRY} tells the same."
        raise UserError(f"The hub {server} can't be reached: {first_line(error)}.", hint=hint) from None
    except (ConfigError, httpx2.InvalidURL, ImportError, OSError, AssertionError, ValueError, KeyError) as error:
        if what is not None and isinstance(error, ValueError | KeyError):
            told_ = what if isinstance(what, str) else f"list of {what.crd}"
            raise UserError(
                f"What {server} answers is no {told_}: {first_line(error)}.",
                hint="Is this the address of an API server, and not of a page to log in?",
            ) from None
        message = f"The kubeconfig can't be used for {server}: {first_line(error)}."
        raise UserError(message, hint=f"{_TRY} with it should work.") from None


def _refused(server: str, what: Resource | str | None, error: Any) -> RefusedError:
    code = error.response.status_code
    if what is None or isinstance(what, str):
        message = f"The hub {server} refused to answer about {what or 'itself'} ({code})."
        hint = "Log in again." if code == 401 else "Are these credentials allowed to ask?"  # noqa: PLR2004 - HTTP's numbers
        return RefusedError(message, status=code, hint=hint)
    name = what.crd
    if code == 401:  # noqa: PLR2004 - HTTP's numbers
        return RefusedError(
            f"The hub {server} does not take these credentials (401).", status=code, hint="Log in again."
        )
    if code == 403:  # noqa: PLR2004 - the same
        hint = f"Ask for the verb `list` on {name}; `kubectl auth can-i list {name} -A` shows whether it is granted."
        return RefusedError(f"These credentials may not list {name} on the hub {server} (403).", status=code, hint=hint)
    if code == 404:  # noqa: PLR2004 - the same
        hint = f"Is it an OCM hub? `kubectl get crd {name}` shows whether the CRD is there and serves this version."
        served = f"{what.group}/{what.version}"
        return RefusedError(
            f"The hub {server} does not serve {name} in {served}: the CRD is missing.", status=code, hint=hint
        )
    return RefusedError(f"The hub {server} refused to list {name}: {first_line(error)} ({code}).", status=code)


def first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0].rstrip(".") if lines else "") or type(error).__name__
