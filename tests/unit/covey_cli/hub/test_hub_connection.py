"""Reading a hub by kubeconfig: everything is listed, and each failure is one sentence with what to do."""

from __future__ import annotations

import gc

import pytest

from covey_cli.errors import UserError
from covey_cli.hub.connection import connect
from covey_cli.preview.snapshot import RESOURCES, from_hub
from fake_hub import FakeHub, kubeconfig, serving
from placements import binding, cluster, cluster_set, decision, scores

OBJECTS = [
    *(cluster(f"site-{number}") for number in range(7)),
    cluster_set("default"),
    binding("default"),
    scores("site-1", "covey", rows=1),
    decision("p", "site-1"),
]
CLUSTERS = RESOURCES[0]


@pytest.fixture
def hub():
    with serving(FakeHub(OBJECTS, longest=3)) as found:
        yield found


def refusal(path, context=None):
    with pytest.raises(UserError) as caught, connect(path, context) as hub:
        hub.list(CLUSTERS)
    return caught.value.message, caught.value.hint


def test_all_kinds_are_read_page_by_page_with_the_user_s_credentials(hub, tmp_path):
    with connect(kubeconfig(tmp_path / "config", hub.address), None) as connection:
        found = from_hub(connection)
    assert [(one["kind"], one["metadata"]["name"]) for one in found] == [
        (one["kind"], one["metadata"]["name"]) for one in OBJECTS
    ]
    assert {token for _, token in hub.requests} == {"Bearer secret"}
    assert len(hub.requests) == 3 + 4


def test_kubectl_s_own_configuration_is_the_usual_one(hub, tmp_path, monkeypatch):
    path = kubeconfig(tmp_path / "config", hub.address)
    monkeypatch.setenv("KUBECONFIG", f"{path}:{tmp_path / 'other'}")
    with connect(None, None) as connection:
        assert len(connection.list(CLUSTERS)) == 7
    monkeypatch.delenv("KUBECONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".kube").mkdir()
    path.rename(tmp_path / ".kube/config")
    with connect(None, None) as connection:
        assert connection.server == hub.address


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        (401, "does not take these credentials (401)", "Log in again."),
        (403, "may not list managedclusters.cluster.open-cluster-management.io", "the verb `list`"),
        (404, "does not serve managedclusters.cluster.open-cluster-management.io in", "Is it an OCM hub?"),
        (500, "refused to list managedclusters.cluster.open-cluster-management.io: no (500)", ""),
    ],
)
def test_a_refusal_names_the_resource_and_what_to_do(hub, tmp_path, code, message, hint):
    hub.refuse("ManagedCluster", code)
    told = refusal(kubeconfig(tmp_path / "config", hub.address))
    assert message in told[0]
    assert hub.address in told[0]
    assert hint in told[1]


def test_a_hub_that_is_not_there_is_said_to_be_out_of_reach(tmp_path):
    with serving(FakeHub([])) as gone:
        path = kubeconfig(tmp_path / "config", gone.address)
    message, hint = refusal(path)
    assert message.startswith(f"The hub {gone.address} can't be reached: ")
    assert "kubectl" in hint


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((502, ["a proxy's page"]), "is no list of managedclusters"),
        ((200, "a page to log in"), "is no list of managedclusters"),
    ],
)
def test_an_answer_that_is_no_api_server_s_is_told(tmp_path, answer, message):
    with serving(FakeHub([])) as hub:
        hub.answer = lambda *_: answer
        assert message in refusal(kubeconfig(tmp_path / "config", hub.address))[0]


@pytest.mark.parametrize(
    ("context", "message"),
    [("nowhere", "has no context nowhere."), ("broken", "has no gone, which its context broken names.")],
)
def test_a_context_that_is_not_there_is_told_with_those_that_are(tmp_path, context, message):
    path = kubeconfig(tmp_path / "config", "http://127.0.0.1:1")
    told, hint = refusal(path, context)
    assert told == f"The kubeconfig {path} {message}"
    assert context != "nowhere" or hint == "Name one with `--context`: broken, hub."


@pytest.mark.parametrize("text", ["", "[]", "clusters: {", "clusters: []", "{clusters: [{}], contexts: []}"])
def test_a_file_that_is_no_kubeconfig_is_refused(tmp_path, text):
    path = tmp_path / "config"
    path.write_text(text)
    assert refusal(path)[0].startswith(f"The kubeconfig {path} can't be used: ")


def test_a_kubeconfig_without_a_current_context_asks_for_one(tmp_path):
    path = tmp_path / "config"
    path.write_text("clusters: []\ncontexts: []\n")
    assert refusal(path)[0] == f"The kubeconfig {path} has no current context."


@pytest.mark.parametrize(
    "user",
    ["{client-certificate: gone.crt, client-key: gone.key}", "{client-certificate-data: eA==, client-key-data: eA==}"],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the library's own files
def test_credentials_that_cannot_be_read_are_told(tmp_path, user):
    path = tmp_path / "config"
    path.write_text(
        "current-context: a\n"
        "clusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]\n"
        f"users: [{{name: a, user: {user}}}]\n"
        "contexts: [{name: a, context: {cluster: a, user: a}}]\n"
    )
    assert "can't be used" in refusal(path)[0]
    gc.collect()  # what the library left open is told here, and not in another test


@pytest.mark.parametrize("server", ["https://[bad", "nonsense", "ftp://hub.example", "https://hub.example:port"])
def test_an_address_that_is_none_is_told(tmp_path, server):
    message, _ = refusal(kubeconfig(tmp_path / "config", server))
    assert "can't be" in message
    assert server in message


def test_a_proxy_that_cannot_be_used_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    message, _ = refusal(kubeconfig(tmp_path / "config", "http://hub.example"))
    assert "can't be" in message


def test_no_kubeconfig_is_told(tmp_path):
    path = tmp_path / "config"
    assert refusal(path) == (f"There is no kubeconfig {path}.", "Name one with `--kubeconfig FILE`.")
