"""The server's state: who is here, which round is open, and what has come back."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import numpy as np

from tiny_runtime.wire import APP_FAILED, end, pack, report

SILENCE = 1.0  # seconds after which a collaborator counts as lost
POLL = 0.3


class Rounds:
    def __init__(self, words, weights):
        self.words = words
        self.weights = weights
        self.round = words["done"] + 1
        self.needed = words["minimum"]
        self.changed = threading.Condition()
        self.seen = {}  # name -> when it was last heard of
        self.asked = set()  # who trains in the open round
        self.replies = {}
        self.told = set()  # who knows that all is done

    def known(self, name, key):
        try:
            return json.loads(Path(self.words["members"]).read_text()).get(name) == key and bool(key)
        except (OSError, ValueError):
            return False

    def work(self, name):
        """The round to train in and its weights; None when there is nothing to do for now, 0 when all is done."""
        with self.changed:
            self._hear(name)
            self.changed.wait_for(lambda: self.finished or self._wanted(name), POLL)
            self._hear(name)
            if self.finished:
                self.told.add(name)
                self.changed.notify_all()
                return 0, b""
            if not self._wanted(name):
                return None, b""
            self.asked.add(name)
            return self.round, pack(self.weights)

    def reply(self, name, number, arrays, said):
        with self.changed:
            self._hear(name)
            if number == self.round and name in self.asked:
                self.replies[name] = (arrays, said)
                self.changed.notify_all()

    def watch(self):
        """The main thread: closes rounds, forgets the silent; returns when everybody knows that all is done."""
        with self.changed:
            while not self.finished:
                self.changed.wait(0.1)
                self._forget()
                if self._complete():
                    self._close()
                    self.changed.notify_all()
            self.changed.wait_for(lambda: self.told >= set(self.seen), 2.0)

    @property
    def finished(self):
        return self.round > self.words["rounds"]

    def _wanted(self, name):
        return len(self.seen) >= self.needed and name not in self.replies

    def _complete(self):
        waiting = self.asked & set(self.seen) - set(self.replies)
        return len(self.replies) >= self.words["minimumPerRound"] and not waiting

    def _hear(self, name):
        if name not in self.seen:
            report(type="connected", collaborator=name)
            self.changed.notify_all()
        self.seen[name] = time.monotonic()

    def _forget(self):
        training = self.asked - set(self.replies)
        patience = SILENCE + self.words["configuration"].get("pause", 0)
        for name, when in list(self.seen.items()):
            if time.monotonic() - when > (patience if name in training else SILENCE):
                del self.seen[name]
                self.asked.discard(name)
                report(type="lost", collaborator=name)

    def _close(self):
        total = sum(said["examples"] for _, said in self.replies.values())
        shares = [(arrays, said["examples"] / total) for arrays, said in self.replies.values()]
        self.weights = [sum(a[i] * share for a, share in shares) for i in range(len(self.weights))]
        if not all(np.isfinite(array).all() for array in self.weights):
            bad = [n for n, (arrays, _) in self.replies.items() if not all(np.isfinite(a).all() for a in arrays)]
            said = f"The update of {', '.join(sorted(bad))} in round {self.round} holds NaN or infinity."
            report(type="error", message=said, code=APP_FAILED)
            end(APP_FAILED)
        hand_over(f"round-{self.round}", self.weights)
        metrics = {
            key: sum(said["metrics"][key] * said["examples"] for _, said in self.replies.values()) / total
            for key in next(iter(self.replies.values()))[1]["metrics"]
        }
        each = {name: {"examples": said["examples"], **said["metrics"]} for name, (_, said) in self.replies.items()}
        report(type="round", round=self.round, folder=f"round-{self.round}", metrics=metrics, collaborators=each)
        self.round += 1
        self.needed = self.words["minimumPerRound"]
        self.asked, self.replies = set(), {}


def hand_over(name, weights):
    folder = Path(os.environ["COVEY_HANDOFF"], "." + name)
    folder.mkdir()
    (folder / "arrays.npz").write_bytes(pack(weights))
    folder.rename(folder.with_name(name))
