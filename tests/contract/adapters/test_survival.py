"""Any process may die at any point; finished rounds stay finished."""

from __future__ import annotations

import numpy as np

from waiting import until


def slow(kit, federate, **options):
    return federate(configuration={"pause": kit.pause}, **options)


def test_a_killed_aggregator_goes_on_after_the_last_finished_round_to_the_same_model(kit, federate):
    """Also with a strategy that has a state of its own, where the runtime has such: lost momentum would show."""
    configuration = {"pause": kit.pause, **kit.stateful}
    models = []
    for interrupted in (False, True):
        federation = federate(rounds=5, minimum=2, configuration=configuration)
        federation.start()
        if interrupted:
            federation.until_round(2)
            federation.kill("hub")
            done = federation.rounds()
            federation.start("hub")
        assert federation.wait() == 0, federation.said()
        assert federation.rounds() == [1, 2, 3, 4, 5]
        with np.load(federation.run_folder() / "model" / kit.weights) as file:
            models.append([file[name] for name in file.files])

    for one, other in zip(*models, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)  # single precision, sent as differences
    first, second = federation.events(type_="session")
    assert (first.fields["after"], second.fields["after"]) == (0, done[-1])
    # Nobody restarted the collaborators: they joined the new epoch by themselves.
    assert [federation.wait(name) for name in federation.names] == [0, 0]
    epochs = [event.fields["epoch"] for event in federation.events("site-1", "session")]
    # Whose last question got no answer may have joined the first one anew before it heard of the second.
    assert list(dict.fromkeys(epochs)) == [first.fields["epoch"], second.fields["epoch"]]
    keys = set(federation.session.keys("site-1"))
    assert {epoch for epoch, _ in keys} == set(epochs)
    assert len({key for _, key in keys}) == len(keys)


def test_a_collaborator_that_is_killed_and_restarted_takes_part_again(kit, federate):
    federation = slow(kit, federate, rounds=4)
    federation.start()
    federation.until_round(2)
    federation.kill("site-2")
    until(lambda: federation.events(type_="lost"), "the news that site-2 is lost")
    federation.start("site-2")

    assert federation.wait() == 0, federation.said()
    assert federation.rounds() == [1, 2, 3, 4]
    assert [event.fields["collaborator"] for event in federation.events(type_="lost")] == ["site-2"]
    assert set(federation.events(type_="round")[-1].fields["collaborators"]) == {"site-1", "site-2"}


def test_a_runtime_process_that_dies_ends_its_launcher_with_the_way_to_its_log(kit, federate):
    federation = slow(kit, federate, rounds=50)
    federation.start()
    federation.until_round(1)

    federation.end_first_process("hub")

    assert federation.wait(seconds=20) == 10
    assert "was killed by signal 9" in federation.said()
    assert "its log is " in federation.said()
    assert federation.events()[-1].fields == {"code": 10}
    assert federation.runtime_processes() == []


def test_sigterm_stops_after_a_checkpoint_and_a_later_start_goes_on(kit, federate):
    federation = slow(kit, federate, rounds=4)
    federation.start()
    federation.until_round(1)

    for name in ("hub", *federation.names):
        federation.launchers[name].terminate()

    assert [federation.wait(name, seconds=20) for name in ("hub", *federation.names)] == [143, 143, 143]
    last = federation.events()[-1]
    assert (last.type, last.fields) == ("end", {"code": 143, "round": federation.rounds()[-1]})
    assert (federation.run_folder() / "LATEST").read_text().strip() == f"round-{federation.rounds()[-1]}"
    assert federation.runtime_processes() == []

    federation.start()

    assert federation.wait() == 0, federation.said()
    assert federation.rounds() == [1, 2, 3, 4]


def test_a_launcher_that_is_killed_alone_takes_its_runtime_along(kit, federate):
    federation = slow(kit, federate, rounds=50)
    federation.start()
    federation.until_round(1)

    federation.launchers["hub"].kill()
    federation.wait()

    until(lambda: federation.runtime_processes() == [], "the end of the runtime's processes", seconds=20)
