"""A connection to a hub: kubeconfig and context as kubectl takes them, and every failure as one sentence."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from covey_cli.errors import UserError

from .failures import first_line, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    """An open connection; `server` is the API server's address, `context` the kubeconfig's name for it."""

    def __init__(self, client: Any, http: Any, *, server: str, context: str) -> None:
        self._client = client
        self._http = http
        self.server = server
        self.context = context

    def read(self, path: str) -> Any:
        """What the API server says at a path, which is no list of objects."""
        return self._answer("GET", path, None)

    def review(self, path: str, body: dict[str, Any]) -> Any:
        """Asks with an object that nobody keeps, such as a SelfSubjectAccessReview."""
        return self._answer("POST", path, body)

    def _answer(self, method: str, path: str, body: Any) -> Any:
        with told(self.server, path):
            answer = self._http.request(method, path, json=body)
            answer.raise_for_status()
            return answer.json()

    def list(self, resource: Resource, *, labels: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """All objects of a kind with these labels, in all namespaces."""
        from lightkube import generic_resource as generic  # noqa: PLC0415 - slow

        make = generic.create_namespaced_resource if resource.namespaced else generic.create_global_resource
        kind = make(resource.group, resource.version, resource.kind, resource.plural)
        places = {"namespace": "*"} if resource.namespaced else {}
        with told(self.server, resource):
            found = [one.to_dict() for one in self._client.list(kind, chunk_size=_PAGE, labels=labels, **places)]
        group = f"{resource.group}/" if resource.group else ""
        named = {"apiVersion": f"{group}{resource.version}", "kind": resource.kind}
        return [{**named, **one} for one in found]


@contextmanager
def connect(kubeconfig: Path | None, context: str | None) -> Iterator[Hub]:
    """By default the first file of $KUBECONFIG, or ~/.kube/config; kubectl would join several files."""
    try:
        from lightkube import Client  # noqa: PLC0415 - slow, and an extra
        from lightkube.config import client_adapter  # noqa: PLC0415 - the same
    except ModuleNotFoundError as error:
        if error.name != _LIBRARY:
            raise
        raise UserError(
            "Reading a hub needs the Python package lightkube, which is not installed.",
            hint="`pip install 'covey[hub]'` installs it.",
        ) from None
    config = _config(kubeconfig or _default(), context)
    server = str(config.cluster.server)
    with ExitStack() as opened:
        with told(server, None):
            client = Client(config=config, timeout=_timeout())
            opened.callback(client.close)
            http = client_adapter.Client(config, client_adapter.ConnectionParams(timeout=_timeout()))
            opened.callback(http.close)
        yield Hub(client, http, server=server, context=str(config.context_name))


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
        raise UserError(f"The kubeconfig {path} can't be used: {first_line(error)}.") from None
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
