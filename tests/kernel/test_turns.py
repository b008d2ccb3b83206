"""Pages go first; machines give way for a while, take turns, and are never stopped."""

import threading
import time

import pytest

from fairwitness.kernel import turns


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "give_connection_back", lambda: None)
    monkeypatch.setattr(turns, "_machines_from", [0.0])


def entered() -> float:
    """How many seconds a machine waits for its turn."""
    begun = time.monotonic()
    with turns.machine():
        return time.monotonic() - begun


def test_a_machine_begins_when_the_page_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "GIVES_WAY", 5.0)
    waited: list[float] = []
    machine = threading.Thread(target=lambda: waited.append(entered()))
    with turns.page():
        machine.start()
        time.sleep(0.2)
        assert not waited
    machine.join(5)
    assert 0.1 < waited[0] < 4


def test_pages_without_end_slow_a_machine_down_and_do_not_stop_it() -> None:
    with turns.page():
        assert turns.GIVES_WAY * 0.9 < entered() < 5


def test_together_machines_get_their_share_while_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "GIVES_WAY", 0.0)
    worked, counting, begun = [0.0], threading.Lock(), time.monotonic()

    def work() -> None:
        while time.monotonic() - begun < 1:
            with turns.machine():
                since = time.thread_time()
                while time.thread_time() - since < 0.004:
                    pass
                with counting:
                    worked[0] += time.thread_time() - since

    with turns.page():
        machines = [threading.Thread(target=work) for _machine in range(8)]
        for machine in machines:
            machine.start()
        for machine in machines:
            machine.join(10)
    # The last of each may overrun; on a busy machine it is less.
    assert 0 < worked[0] < 1.5 * turns.SHARE * (time.monotonic() - begun)


def test_nobody_waits_for_a_page_that_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "GIVES_WAY", 5.0)
    monkeypatch.setattr(turns, "LONG", 0.0)
    with turns.page():
        assert entered() < 4


def test_so_many_machines_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_turns", threading.BoundedSemaphore(2))
    now, most, counting = [0], [0], threading.Lock()

    def work() -> None:
        with turns.machine():
            with counting:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.02)
            with counting:
                now[0] -= 1

    machines = [threading.Thread(target=work) for _machine in range(8)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join(10)
    assert (most[0], now[0]) == (2, 0)
