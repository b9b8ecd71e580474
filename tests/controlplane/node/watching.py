"""Probes of a running container, and its hook before the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from controlplane.node.probes import Prober, Tally
    from controlplane.node.runner import Runner


async def watch(runner: Runner) -> None:
    """Startup first; then readiness, and liveness, which may end this run."""
    if "startupProbe" in runner.spec:
        prober = runner.prober(runner.spec["startupProbe"])
        await asyncio.sleep(prober.delay)
        tally = prober.tally()
        while not await _ask(runner, prober, "Startup", tally):  # noqa: ASYNC110 - a period, no wait for others
            await asyncio.sleep(prober.period)
    runner.state.started = True
    runner.state.ready = "readinessProbe" not in runner.spec
    runner.started.set()
    runner.changed()
    async with asyncio.TaskGroup() as group:
        for name in ("readiness", "liveness"):
            if f"{name}Probe" in runner.spec:
                group.create_task(_follow(runner, name))


async def _follow(runner: Runner, name: str) -> None:
    prober = runner.prober(runner.spec[f"{name}Probe"])
    await asyncio.sleep(prober.delay)
    tally = prober.tally()
    while True:
        verdict = await _ask(runner, prober, name.capitalize(), tally)
        if name == "readiness" and verdict is not None and verdict != runner.state.ready:
            runner.state.ready = verdict
            runner.changed()
        await asyncio.sleep(prober.period)


async def _ask(runner: Runner, prober: Prober, name: str, tally: Tally) -> bool | None:
    wrong = await prober.ask()
    verdict = tally.count(good=not wrong)
    if wrong:
        await runner.tell("Unhealthy", f"{name} probe failed: {wrong}")
    if verdict is False and name != "Readiness":
        await runner.tell("Killing", f"Container {runner.state.name} failed {name.lower()} probe, will be restarted")
        await asyncio.shield(asyncio.create_task(runner.end(runner.grace)))
    return verdict


async def before_end(runner: Runner, hook: dict[str, Any], grace: float) -> None:
    """Its preStop hook."""
    try:
        if "exec" in hook:
            code, said = await runner.execute(hook["exec"]["command"], grace)
        elif "sleep" in hook:
            await asyncio.sleep(min(hook["sleep"]["seconds"], grace))
            return
        else:
            wrong = await runner.prober({**hook, "timeoutSeconds": grace}).ask()
            code, said = (1, wrong) if wrong else (0, "")
    except TimeoutError:
        code, said = 1, "it did not end in time"
    if code:
        await runner.tell("FailedPreStopHook", f"PreStopHook failed: {said or f'exit code {code}'}")
