"""A connection to a hub: kubeconfig and context as kubectl takes them, and every failure as one sentence."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from covey_cli.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEFAULT = "~/.kube/config"
_PAGE: Final = 500
_TIMEOUT: Final = 30.0
_LIBRARY = "lightkube"


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind as the API server serves it."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def crd(self) -> str:
        return f"{self.plural}.{self.group}"


class Hub:
    """An open connection; `server` is the API server's address."""

    def __init__(self, client: Any, server: str) -> None:
        self._client = client
        self.server = server

    def list(self, resource: Resource) -> list[dict[str, Any]]:
        """All objects of a kind, in all namespaces."""
        from lightkube import generic_resource as generic  # noqa: PLC0415 - slow

        make = generic.create_namespaced_resource if resource.namespaced else generic.create_global_resource
        kind = make(resource.group, resource.version, resource.kind, resource.plural)
        places = {"namespace": "*"} if resource.namespaced else {}
        with _told(self.server, resource):
            found = [one.to_dict() for one in self._client.list(kind, chunk_size=_PAGE, **places)]
        named = {"apiVersion": f"{resource.group}/{resource.version}", "kind": resource.kind}
        return [{**named, **one} for one in found]


@contextmanager
def connect(kubeconfig: Path | None, context: str | None) -> Iterator[Hub]:
    """By default what kubectl would take: $KUBECONFIG or ~/.kube/config, and its current context."""
    try:
        from lightkube import Client  # noqa: PLC0415 - slow, and an extra
    except ModuleNotFoundError as error:
        if error.name != _LIBRARY:
            raise
        raise UserError(
            "Reading a hub needs the Python package lightkube, which is not installed.",
            hint="`pip install 'covey[hub]'` installs it; `--snapshot FILE` does without a hub.",
        ) from None
    config = _config(kubeconfig or _default(), context)
    server = str(config.cluster.server)
    with _told(server, None):
        client = Client(config=config, timeout=_timeout())
    try:
        yield Hub(client, server)
    finally:
        client.close()


def _default() -> Path:
    """The first file of $KUBECONFIG."""
    named = [part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return Path(named[0] if named else _DEFAULT).expanduser()


def _config(path: Path, context: str | None) -> Any:
    from lightkube import KubeConfig  # noqa: PLC0415 - slow

    if not path.is_file():
        raise UserError(f"There is no kubeconfig {path}.", hint="Name one with `--kubeconfig FILE`.")
    try:
        config = KubeConfig.from_file(path)
    except Exception as error:  # noqa: BLE001 - YAML, types and keys: whatever the file makes the library stumble over
        raise UserError(f"The kubeconfig {path} can't be used: {_first(error)}.") from None
    wanted = context or config.current_context
    if wanted is None or wanted not in config.contexts:
        known = ", ".join(sorted(config.contexts)) or "none"
        which = f"no context {wanted}" if wanted else "no current context"
        raise UserError(f"The kubeconfig {path} has {which}.", hint=f"Name one with `--context`: {known}.")
    try:
        return config.get(wanted)
    except KeyError as error:
        raise UserError(f"The kubeconfig {path} has no {error.args[0]}, which its context {wanted} names.") from None


def _timeout() -> Any:
    import httpx2  # noqa: PLC0415 - slow

    return httpx2.Timeout(_TIMEOUT, connect=10.0)


@contextmanager
def _told(server: str, resource: Resource | None) -> Iterator[None]:
    """What the library raises becomes one sentence with what to do."""
    import httpx2  # noqa: PLC0415 - slow
    from lightkube.core.exceptions import ConfigError  # noqa: PLC0415 - slow

    try:
        yield
    except httpx2.HTTPStatusError as error:
        raise _refused(server, resource, error) from None
    except httpx2.HTTPError as error:
        hint = "Is it up, and is the kubeconfig of this hub? `kubectl get managedclusters` tells the same."
        raise UserError(f"The hub {server} can't be reached: {_first(error)}.", hint=hint) from None
    except (ConfigError, OSError, AssertionError, ValueError, KeyError) as error:
        if resource is not None and isinstance(error, ValueError | KeyError):
            raise UserError(
                f"What {server} answers is no list of {resource.crd}: {_first(error)}.",
                hint="Is this the address of an API server, and not of a page to log in?",
            ) from None
        message = f"The kubeconfig can't be used for {server}: {_first(error)}."
        raise UserError(message, hint="`kubectl get managedclusters` with it should work.") from None


def _refused(server: str, resource: Resource | None, error: Any) -> UserError:
    code = error.response.status_code
    name = resource.crd if resource else "it"
    if code == 401:  # noqa: PLR2004 - HTTP's numbers
        return UserError(f"The hub {server} does not take these credentials (401).", hint="Log in again.")
    if code == 403:  # noqa: PLR2004 - the same
        hint = f"Ask for the verb `list` on {name}; `kubectl auth can-i list {name} -A` shows whether it is granted."
        return UserError(f"These credentials may not list {name} on the hub {server} (403).", hint=hint)
    if code == 404:  # noqa: PLR2004 - the same
        hint = f"Is it an OCM hub? `kubectl get crd {name}` shows whether the CRD is there and serves this version."
        served = f"{resource.group}/{resource.version}" if resource else "it"
        return UserError(f"The hub {server} does not serve {name} in {served}: the CRD is missing.", hint=hint)
    return UserError(f"The hub {server} refused to list {name}: {_first(error)} ({code}).")


def _first(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0].rstrip(".") if lines else "") or type(error).__name__
