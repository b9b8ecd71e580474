"""Names that others depend on: a change here breaks clusters that run."""

from __future__ import annotations

from covey_core import names


def test_the_names_of_a_job_are_these():
    assert {
        "run": names.run("digits", 3),
        "tls": names.tls_secret("digits", 3),
        "net": names.net_config("digits", 3),
        "aggregator": names.aggregator_template("digits"),
        "collaborator": names.collaborator_template("digits"),
        "listener": names.listener("digits"),
        "model": names.model_claim("digits"),
        "application": names.application("vision", "digits"),
        "project": names.project("vision"),
        "collaboration": names.collaboration("vision", "digits", 3),
        "folder": names.job_folder("vision", "digits"),
        "rendered": names.rendered_folder("vision", "digits"),
    } == {
        "run": "digits-3",
        "tls": "digits-3-tls",
        "net": "digits-3-net",
        "aggregator": "digits-aggregator",
        "collaborator": "digits-collaborator",
        "listener": "digits-listener",
        "model": "digits-model",
        "application": "vision.digits",
        "project": "covey-vision",
        "collaboration": "vision.digits.3",
        "folder": "jobs/vision/digits",
        "rendered": "rendered/vision/digits",
    }


def test_the_names_of_a_data_set_are_these():
    assert names.data_claim("digits") == "data-digits"
    assert names.data_work("digits") == "covey-data-digits"
    assert names.cluster_claim("digits") == "digits.data.covey.dev"


def test_identities_are_spiffe_uris():
    assert names.cluster_identity("fleet.example", "site-1") == "spiffe://fleet.example/cluster/site-1"
    assert names.run_identity("fleet.example", "vision", "digits", 3) == "spiffe://fleet.example/run/vision/digits/3"


def test_the_constants_are_these():
    assert (names.ADDON, names.SIGNER) == ("covey", "covey.dev/collaborator")
    assert (names.AGGREGATOR_ACCOUNT, names.COLLABORATOR_ACCOUNT) == ("covey-aggregator", "covey-collaborator")
    assert names.ANNOTATION_SPEC == "covey.dev/spec-digest"


def test_the_longest_names_that_the_specs_allow_fit_their_limits():
    longest = "x" * 40

    for name in (
        names.tls_secret(longest, 99999),
        names.net_config(longest, 99999),
        names.aggregator_template(longest),
        names.collaborator_template(longest),
        names.listener(longest),
        names.model_claim(longest),
        names.data_claim(longest),
        names.data_work(longest),
        names.project(longest),
    ):
        assert len(name) <= names.MAX_LABEL_VALUE
