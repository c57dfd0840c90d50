"""`redound demo` works by itself, from nothing, and shows each thing that Redound does."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from redound.cli.demo.kinds import Kind
from tests.journeys.process import COMMAND, Installation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Shown = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a program reads at the end of one run."""
    folder = tmp_path_factory.mktemp("demo")
    done = Installation(f"sqlite:///{folder / 'redound.sqlite3'}", folder).run("demo", "--json")
    [line] = done.stdout.splitlines()
    return json.loads(line)


@pytest.fixture
def shown(summary: dict[str, Any]) -> Shown:
    """The first callback of each kind."""
    return summary["seen"]


@pytest.mark.slow
def test_once_prints_one_object_about_the_first_callback(bare: Installation):
    """A script learns that the whole loop works on this machine."""
    done = bare.run("demo", "--once", "--json")
    [line] = done.stdout.splitlines()
    found = json.loads(line)
    assert found["delivered"] is True
    assert re.fullmatch(r"[0-9a-z]{40}", found["click_id"])
    assert found["conversion_id"].startswith("cnv_")
    assert found["delivery_id"].startswith("dlv_")
    assert found["url"] == found["callback_url"]
    assert found["url"].startswith("http://127.0.0.1:")
    assert found["conversion_id"] in found["url"]
    assert list(bare.folder.iterdir()) == []


@pytest.mark.slow
def test_without_a_terminal_it_ends_when_each_kind_was_shown(bare: Installation):
    """In a pipe it shows a bounded number of callbacks, a line each, with refused ones among them."""
    done = bare.run("demo", "--data-dir", str(bare.folder / "demo"))
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert 20 <= sum(row[-1] == "200 matched" for row in rows) < 1000
    assert {row[1] for row in rows} == set(Kind)
    assert {row[3] for row in rows} >= {"/get", "/form", "/json", "/click", "/broken"}
    assert "/off" not in {row[3] for row in rows}
    assert "API key" in done.stderr
    assert all(kind in done.stderr for kind in Kind)
    assert "not yet" not in done.stderr


def test_it_shows_conversions(shown: Shown):
    """A registration is worth what the goal pays, and arrives with the tracker's own click ID."""
    fields = shown["conversion"]["fields"]
    assert fields["subid"].startswith("trk")
    assert (fields["type"], fields["op"]) == ("registration", "create")
    assert (fields["status"], fields["payout"], fields["currency"]) == ("approved", "12.00", "EUR")
    assert fields["tid"].startswith("cnv_")


def test_it_shows_a_status_that_the_advertiser_changes(shown: Shown):
    """A deposit is reported as pending and confirmed later."""
    fields = shown["status change"]["fields"]
    assert (fields["type"], fields["op"]) == ("first_deposit", "update")
    assert (fields["was"], fields["status"]) == ("pending", "approved")


def test_it_shows_a_hold_that_runs_out(shown: Shown):
    """A subscription is on hold; nobody approves it, and seconds later the same conversion is approved."""
    before, after = shown["hold"]["fields"], shown["hold ran out"]["fields"]
    assert (before["type"], before["status"], before["op"]) == ("sale", "hold", "create")
    assert (after["was"], after["status"], after["op"]) == ("hold", "approved", "update")
    assert after["tid"] == before["tid"]
    assert after["payout"] == "15.00"


def test_it_shows_a_qualified_player(shown: Shown):
    """A player who deposits and plays enough earns what the reward plan pays."""
    fields = shown["qualified player"]["fields"]
    assert fields["type"] == "qualified_cpa"
    assert (fields["status"], fields["payout"]) == ("approved", "80.00")
    assert fields["subid"].startswith("trk")


def test_it_shows_a_click_postback(shown: Shown):
    """A paid click is called back with our click ID and what it earns."""
    click = shown["paid click"]
    assert click["path"] == "/click"
    assert click["answered"] == 200
    assert re.fullmatch(r"[0-9a-z]{40}", click["fields"]["cid"])
    assert click["fields"]["payout"] == "0.15"


def test_it_shows_a_csv_import(shown: Shown):
    """A deposit that came in a file is called back like any other."""
    fields = shown["CSV import"]["fields"]
    assert fields["order"].startswith("csv-")
    assert (fields["type"], fields["status"], fields["payout"]) == ("first_deposit", "approved", "6.25")


def test_it_shows_a_tracker_that_fails(shown: Shown):
    """A postback whose tracker is down is refused, and the others arrive all the same."""
    assert shown["failing tracker"]["answered"] == 503
    assert shown["failing tracker"]["fields"]["tid"] == shown["conversion"]["fields"]["tid"]


def test_the_summary_counts(summary: dict[str, Any], shown: Shown):
    """What was shown adds up: every callback is of one kind."""
    assert set(shown) == set(Kind)
    assert summary["callbacks_taken"] >= 20
    assert summary["callbacks_refused"] >= shown["failing tracker"]["count"]
    assert summary["clicks"] > shown["paid click"]["count"]


def hear_ctrl_c() -> None:
    """Undo that a shell's background jobs, and all that they start, ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class Screen:
    """A wide terminal with the demo on it. `words` is what it says beside, on standard error."""

    demo: subprocess.Popen[bytes]
    end: int
    words: Path
    text: str = ""

    def read(self, seconds: float) -> bool:
        """Wait for more to be drawn; False when nothing came, or nobody is left to draw."""
        if not select.select([self.end], [], [], max(seconds, 0))[0]:
            return False
        try:
            more = os.read(self.end, 65536).decode("utf-8", "replace")
        except OSError:
            return False
        self.text += more
        return bool(more)


@pytest.fixture
def screen(bare: Installation) -> Iterator[Screen]:
    """The demo as somebody starts it who looks at it."""
    ours, its = pty.openpty()
    environment = {**bare.environment, "TERM": "xterm", "COLUMNS": "220", "LINES": "50", "NO_COLOR": "1"}
    words = bare.folder / "words"
    with words.open("wb") as errors:
        process = subprocess.Popen(
            [*COMMAND, "demo"], env=environment, stdin=subprocess.DEVNULL, stdout=its, stderr=errors,
            preexec_fn=hear_ctrl_c,  # noqa: PLW1509 - this process has no other thread here
        )  # fmt: skip
    os.close(its)
    try:
        yield Screen(process, ours, words)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.mark.slow
def test_the_live_table_names_the_kinds_and_runs_until_ctrl_c(screen: Screen):
    """Somebody watches what was seen grow until nothing is missing, and stops it."""
    everything = re.compile(" · ".join(rf"{kind} \d+" for kind in Kind) + r"\s*[\r\n]")
    ends = time.monotonic() + 90
    while not everything.search(screen.text):
        drawn = screen.read(ends - time.monotonic())
        assert drawn, f"{screen.text[-4000:]}\n{screen.words.read_text()[-4000:]}"
    assert "not yet: " in screen.text
    assert screen.demo.poll() is None
    screen.demo.send_signal(signal.SIGINT)
    while screen.read(15):
        pass
    assert screen.demo.wait(20) == 0
