"""All programs of a run, from their start to the end of the training; whatever dies in between is started again."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from covey_cli.local_run import sandbox, units
from covey_cli.local_run.plan import HUB
from covey_cli.local_run.refusals import Refusals
from covey_cli.local_run.restarts import Next, follows, how, pause
from covey_core.launch.events import BadLineError, Type, decode
from covey_core.launch.exits import Exit
from covey_core.results.summary import State
from covey_runtimes.launch.event_log import Lines

if TYPE_CHECKING:
    from covey_cli.local_run.certificates import Certificates
    from covey_cli.local_run.display import Display
    from covey_cli.local_run.plan import Plan
    from covey_cli.local_run.units import Unit
    from covey_runtimes.launch.signals import Signals

_STEP = 0.1
_FAREWELL_SECONDS = 15.0  # collaborators learn from the session that all is done
_STOP_SECONDS = 15.0  # a launcher gives its processes ten


@dataclass(frozen=True, slots=True)
class Ending:
    """`code` is the exit code of `covey run`; `message` one sentence, empty where all went well."""

    state: State
    code: int
    message: str = ""


class _FailedError(Exception):
    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


class Federation:
    def __init__(self, plan: Plan, certificates: Certificates, *, display: Display, signals: Signals) -> None:
        self._plan = plan
        self._certificates = certificates
        self._display = display
        self._signals = signals
        self._events = Lines(plan.events)
        self._refusals = Refusals(plan.root(HUB) / units.PROXY_LOG)
        for _told_before in self._refusals:
            pass
        self._proxies = [units.proxy(plan, name) for name in plan.sides]
        sandboxed = sandbox.works()
        self._launchers = [units.launcher(plan, name, sandboxed=sandboxed) for name in plan.sides]
        if not sandboxed:
            display.say("This machine has no user namespaces for us: the app could read the keys of this run.")
        self._out: set[str] = set()
        self._since = time.monotonic()
        self._began = False  # a round was finished, so fewer collaborators may do

    def train(self) -> Ending:
        """Returns when the training has ended, one way or another; nothing is left running."""
        self._show(replay=True)
        self._certificates.renew_if_due()
        try:
            while not self._hub.done and not self._signals.stopped:
                self._step()
                self._check_time()
            if self._hub.done:
                self._say_goodbye()
        except _FailedError as error:
            return Ending(State.FAILED, error.code, str(error))
        finally:
            units.stop(self._launchers, seconds=_STOP_SECONDS)
            units.stop(self._proxies, seconds=_STOP_SECONDS)
            self._show()
        if self._hub.done:
            return Ending(State.COMPLETED, Exit.DONE)
        return Ending(State.INTERRUPTED, 128 + self._signals.number, "The run was stopped before its end.")

    @property
    def _hub(self) -> Unit:
        return self._launchers[0]

    def _step(self) -> None:
        if self._certificates.renew_if_due():
            self._display.say("Every side has a new certificate.")
        now = time.monotonic()
        for unit in (*self._proxies, *self._launchers):
            code = unit.ended()
            if code is not None:
                self._judge(unit, code)
            if not unit.running and not unit.done and now >= unit.due:
                unit.start()
        self._show()
        for refusal in self._refusals:
            self._display.say(refusal)
        self._display.tick()
        self._signals.wait(_STEP)

    def _check_time(self) -> None:
        limit = self._plan.job.timeouts.run
        if time.monotonic() - self._since > limit:
            raise _FailedError(f"The run took longer than the {limit} s that its job allows.", code=Exit.AGAIN)

    def _show(self, *, replay: bool = False) -> None:
        """A finished round shows that the starts before it were worth it."""
        for line in self._events:
            with suppress(BadLineError):
                event = decode(line)
                self._display.event(event, replay=replay)
                if event.type == Type.ROUND:
                    self._began = True
                    for unit in (*self._proxies, *self._launchers):
                        unit.failures = 0

    def _judge(self, unit: Unit, code: int) -> None:
        is_proxy = unit in self._proxies
        if code == Exit.DONE and is_proxy:
            code = Exit.AGAIN  # whoever stopped it, the run needs it
        unit.failures += 1
        match follows(code, unit.failures):
            case Next.DONE:
                unit.done = True
            case Next.AGAIN:
                seconds = pause(unit.failures)
                unit.due = time.monotonic() + seconds
                self._display.say(f"{_told(unit, code)} It is started again in {seconds:g} s.")
            case Next.OVER:
                self._give_up(unit, code, vital=is_proxy or unit.side == HUB)

    def _give_up(self, unit: Unit, code: int, *, vital: bool) -> None:
        """Without the hub, or without enough collaborators, there is no training; after its end nobody is needed."""
        if self._hub.done:
            unit.done = True
            return
        said = _told(unit, code)
        unit.done = True
        self._out.add(unit.side)
        everybody = len(self._plan.collaborators)
        needed = self._plan.job.collaborators.min if self._began else everybody
        if vital or everybody - len(self._out) < needed:
            raise _FailedError(f"{said} Its log is {unit.log}.", code=code if code in set(Exit) else Exit.AGAIN)
        self._display.say(f"{said} The run goes on without {unit.side}; the log is {unit.log}.")

    def _say_goodbye(self) -> None:
        end = time.monotonic() + _FAREWELL_SECONDS
        while time.monotonic() < end and not self._signals.stopped:
            if all(unit.ended() is not None or not unit.running for unit in self._launchers):
                return
            self._display.tick()
            self._signals.wait(_STEP)


def _told(unit: Unit, code: int) -> str:
    words = unit.last_words() if code >= 0 else ""
    what = f"{unit.what[0].upper()}{unit.what[1:]} {how(code)}"
    return f"{what}: {words}" if words else f"{what}."
