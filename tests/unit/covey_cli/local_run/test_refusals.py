from __future__ import annotations

import json

from covey_cli.local_run.refusals import Refusals

REQUEST = {"log": "request", "code": 403, "who": "spiffe://x/cluster/a", "why": "rbac[not-on-roster]", "path": "/v1"}


def test_each_refusal_is_told_once_with_who_and_why(tmp_path):
    log = tmp_path / "proxy.log"
    lines = [REQUEST, REQUEST, {**REQUEST, "code": 200}, {"log": "proxy", "what": "ready"}]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines) + "{torn\n[warning] no JSON\n")
    refusals = Refusals(log)
    assert list(refusals) == ["The aggregator's proxy refused spiffe://x/cluster/a (not-on-roster) at /v1."]
    assert list(refusals) == []
    with log.open("a") as file:
        file.write(json.dumps({"log": "connection", "who": "-", "why": "TLS_error:|CERTIFICATE_VERIFY_FAILED"}) + "\n")
    assert "CERTIFICATE_VERIFY_FAILED" in next(iter(refusals))


def test_a_log_that_is_not_there_yet_says_nothing(tmp_path):
    assert list(Refusals(tmp_path / "proxy.log")) == []
