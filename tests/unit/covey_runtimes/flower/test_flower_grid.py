"""What an exchange of messages ends with: who answers, hangs, or is not reached."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.runtime_flower

# A Grid of two nodes; `after` says when each of them answers, `refused` for whom a first message is not taken.
_GRID = """
import json, sys, time
from base64 import b64encode
from types import SimpleNamespace
from flwr.app import Message, RecordDict
from flwr.supercore.task_identity import TaskIdentity
from covey_flower.grid import CoveyGrid
TaskIdentity.run_id = TaskIdentity.node_id = TaskIdentity.task_id = 7
after, refused, kind, timeout = json.loads(sys.argv[1])

class Inner:
    def __init__(self):
        self.sent, self.began = {}, time.monotonic()
    def get_nodes(self):
        return [SimpleNamespace(node_id=number, public_key=b"%d" % number) for number in (1, 2)]
    def push_messages(self, messages):
        return [self._push(one) for one in messages] if refused != "all" else []
    def _push(self, one):
        if one.metadata.dst_node_id in refused:
            refused.remove(one.metadata.dst_node_id)
            return ""
        one.metadata.__dict__["_message_id"] = number = str(len(self.sent) + 1)
        self.sent[number] = one
        return number
    def pull_messages(self, numbers):
        now = time.monotonic() - self.began
        sent = [self.sent[number] for number in numbers]
        return [Message(RecordDict(), reply_to=one) for one in sent if now > after[one.metadata.dst_node_id - 1]]

messages = [Message(RecordDict(), dst_node_id=number, message_type=kind) for number in (1, 2)]
began = time.monotonic()
replies = list(CoveyGrid(Inner()).send_and_receive(messages, timeout=timeout))
print(json.dumps([sorted(one.metadata.src_node_id for one in replies), time.monotonic() - began]))
"""


@pytest.fixture
def exchange(inside, tmp_path):
    """Who has answered, and after how many seconds; a round may take 2."""
    members, reports = tmp_path / "members", tmp_path / "reports"
    members.write_text(json.dumps({"site-1": "MQ==", "site-2": "Mg=="}))  # base64 of 1 and 2

    def made(*, per_round, after=(0, 0), refused=(), kind="train", timeout=None):
        env = {
            "COVEY_MINIMUM": "1",
            "COVEY_MINIMUM_PER_ROUND": str(per_round),
            "COVEY_ROUND_SECONDS": "2",
            "COVEY_MEMBERS": str(members),
            "COVEY_REPORTS": str(reports),
        }
        ended = inside("-c", _GRID, json.dumps([after, refused, kind, timeout]), **env)
        made.said = [json.loads(line) for line in reports.read_text().splitlines()] if reports.exists() else []
        return json.loads(ended.stdout) if ended.returncode == 0 else ended.stderr

    return made


def test_who_hangs_is_left_out_while_there_is_time_for_the_rest_of_the_round(exchange):
    who, seconds = exchange(per_round=1, after=(0, 60))
    assert who == [1]
    assert 0.85 < seconds < 1.4


def test_an_app_may_wait_for_less_and_never_for_more(exchange):
    assert exchange(per_round=1, after=(0, 60), timeout=0.3)[1] < 0.85
    assert exchange(per_round=1, after=(0, 60), timeout=3600)[1] < 1.4


def test_no_training_ends_with_fewer_than_a_round_needs(exchange):
    assert exchange(per_round=2, after=(0, 1.5))[0] == [1, 2]


def test_an_evaluation_may_end_with_fewer(exchange):
    assert exchange(per_round=2, after=(0, 1.5), kind="evaluate")[0] == [1]


def test_a_message_that_was_not_taken_is_missing_and_sent_again(exchange):
    assert exchange(per_round=2, refused=[2])[0] == [1, 2]


def test_a_message_that_was_not_taken_twice_is_sent_a_third_time(exchange):
    assert exchange(per_round=2, refused=[2, 2])[0] == [1, 2]


def test_a_message_that_is_too_large_is_said_to_be_so(exchange):
    exchange(per_round=2, refused="all")
    message = "The app's message is too large for Flower's SuperLink, which refused it (HTTP 413)."
    assert exchange.said[-1] == {"type": "error", "code": 20, "message": message}
