"""The gate in front of a SQLite file: fair in a process, courteous between processes, one host."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from redound.gate import Gate, GateTimeoutError, HostedError, gate_for

_HOLDER = """
import sys
from redound.gate import gate_for
with gate_for(sys.argv[1]):
    print("in", flush=True)
    sys.stdin.readline()
print("out", flush=True)
"""


@pytest.fixture
def file(tmp_path):
    """A path; the gate does not mind that no database is there."""
    return tmp_path / "redound.sqlite3"


@pytest.fixture
def holder(file):
    """Another process that holds the gate until it reads a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "in\n"
    yield process
    if process.poll() is None:
        process.communicate("\n", timeout=20)


def test_a_process_has_one_gate_a_file(file, tmp_path):
    """However the path is written."""
    assert gate_for(file) is gate_for(str(tmp_path / "." / file.name))


def test_turns_come_in_order_of_arrival(file):
    """Five threads ask one after the other and are served in that order."""
    gate = Gate(file)
    served, threads = [], []
    with gate:
        for number in range(5):

            def take(number=number):
                with gate:
                    served.append(number)

            thread = threading.Thread(target=take)
            thread.start()
            while len(gate._waiting) <= number:
                pass
            threads.append(thread)
        assert served == []
    for thread in threads:
        thread.join()
    assert served == [0, 1, 2, 3, 4]


def test_who_waits_too_long_gives_up_and_hinders_nobody(file):
    """A timeout is an error with a sentence; the next one still gets in."""
    gate = Gate(file)
    gate.acquire()
    with pytest.raises(GateTimeoutError, match="this process"):
        gate.acquire(timeout=0.01)
    gate.release()
    with gate:
        pass


def test_guests_of_two_processes_exclude_each_other(file, holder):
    """A command waits for another command's transaction."""
    gate = Gate(file)
    with pytest.raises(GateTimeoutError, match="other processes"):
        gate.acquire(timeout=0.05)
    holder.communicate("\n", timeout=20)
    with gate:
        pass


def test_the_host_lets_a_guest_finish(file, holder):
    """It waits for the guest, takes its turn when the guest is out, and is not slowed down afterwards."""
    gate = Gate(file)
    gate.host("redound serve")
    threading.Timer(0.05, lambda: (holder.stdin.write("\n"), holder.stdin.flush())).start()
    with gate:
        assert holder.stdout.readline() == "out\n"
    gate.leave()


def test_a_guest_that_hangs_does_not_stop_the_host(file, holder, monkeypatch):
    """After its courtesy the host goes on, and for a while does not ask again."""
    monkeypatch.setattr("redound.gate.COURTESY_SECONDS", 0.02)
    gate = Gate(file)
    gate.host("redound serve")
    for _ in range(3):
        with gate:
            pass
    assert holder.poll() is None
    gate.leave()


def test_there_is_one_host(file):
    """A second is told who is there; when that one leaves, the place is free."""
    first, second = Gate(file), Gate(file)
    first.host("redound serve on port 8000")
    with pytest.raises(HostedError, match=r"redound serve on port 8000 \(process \d+\)"):
        second.host("redound serve")
    first.leave()
    second.host("redound serve")
    second.leave()
