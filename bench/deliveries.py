"""Stored deliveries on SQLite against bare clients that make the same requests, all on this machine.

python -m bench.deliveries [--runs 3] [--count 40000] [--only NAME]

The worker claims, renders, sends and records each delivery durably; the clients only send. Each run of a
case measures all of them one after the other, so that a noisy machine is noisy for all.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench._measure import ROOT, median, spread
from tests.databases import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

AIOHTTP = "bare aiohttp"


@dataclass(frozen=True, slots=True)
class Case:
    """A set-up: the receiver's arguments, how many sends at once, and how large a share of the count."""

    title: str
    receiver: tuple[str, ...] = ()
    in_flight: int = 1024
    concurrency: int = 64
    caps: int = 64
    share: float = 1.0
    close: bool = False


CASES = {
    "one": Case("One receiver"),
    "many": Case("200 receivers", ("--listeners", "200"), concurrency=400),
    "slow": Case(
        "200 receivers that take 100 ms, 1,024 in flight",
        ("--listeners", "200", "--delay-ms", "100"),
        concurrency=1024,
    ),
    "slow4096": Case(
        "200 receivers that take 100 ms, 4,096 in flight",
        ("--listeners", "200", "--delay-ms", "100"),
        in_flight=4096,
        concurrency=4096,
    ),
    "close": Case("One receiver, a new connection for each", ("--close",), share=0.25, close=True),
    "tls": Case("One receiver, TLS", ("--tls",)),
}


class Receiver:
    """The receiver process of a case."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        told = json.loads(self._out.readline())
        self.ports: list[int] = told["ports"]
        self.certificate = ""
        if told["certificate"]:
            path = folder / "authority.pem"
            path.write_text(told["certificate"])
            self.certificate = str(path)

    def ask(self, word: str) -> dict[str, float]:
        """Return its statistics; "reset" forgets them then."""
        self._in.write(f"{word}\n")
        self._in.flush()
        return dict(json.loads(self._out.readline()))


@contextlib.contextmanager
def receiver(*arguments: str, folder: Path) -> Iterator[Receiver]:
    """Run a receiver with these arguments."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench._receiver", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    try:
        yield Receiver(process, folder)
    finally:
        process.terminate()
        process.wait(timeout=10)


def run(*arguments: object) -> dict[str, object]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, "-m", "bench._deliver", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    return dict(json.loads(done.stdout))


class Session:
    """A folder with a migrated, empty database, copied for each run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._template = folder / "template.sqlite3"
        migrate(f"sqlite:///{self._template}")

    def fresh(self) -> Path:
        """Return a new copy; the last one is gone."""
        for path in self.folder.glob("run.sqlite3*"):
            path.unlink()
        return Path(shutil.copy(self._template, self.folder / "run.sqlite3"))

    def compare(self, case: Case, count: int, runs: int) -> None:
        """Measure a case and print its table."""
        results: dict[str, list[dict[str, object]]] = {}
        with receiver(*case.receiver, folder=self.folder) as there:
            ports = ",".join(map(str, there.ports))
            common = ["--ports", ports, "--count", int(count * case.share)]
            common += ["--certificate", there.certificate] if there.certificate else []
            common += ["--close"] if case.close else []
            clients = [*common, "--concurrency", case.concurrency]
            caps = ["--host-concurrency", case.caps, "--postback-concurrency", case.caps]
            for _ in range(runs):
                results.setdefault(AIOHTTP, []).append(run("aiohttp", *clients))
                results.setdefault("bare httptools", []).append(run("httptools", *clients))
                results.setdefault("redound, stored and recorded", []).append(
                    run("worker", self.fresh(), *common, "--in-flight", case.in_flight, *caps)
                )
        rows = {name: median(of) for name, of in results.items()}
        base = float(str(rows[AIOHTTP]["per_second"]))
        print(f"\n{case.title}\n{'':32}{'/s':>10}{'ratio':>8}{'CPU us':>9}{'RSS MB':>9}   spread")
        for name, row in rows.items():
            ratio = float(str(row["per_second"])) / base
            print(
                f"{name:32}{row['per_second']:>10}{ratio:>8.2f}{row['cpu_us']:>9}{row['memory_mb']:>9}"
                f"   {spread(results[name])}"
            )

    def hanging(self, per_second: int, seconds: float) -> None:
        """Let 10 of 200 receivers hang, and tell how old deliveries to the others are on arrival."""
        print(f"\n200 receivers, {per_second}/s stored for {seconds:g} s: age on arrival, ms")
        for hung in (0, 10):
            with receiver("--listeners", "200", "--hang", str(hung), folder=self.folder) as there:
                ports = ",".join(map(str, there.ports))
                rate = ["--per-second", per_second, "--seconds", seconds]
                result = run("flow", self.fresh(), "--ports", ports, *rate)
                ages = there.ask("stats")
                print(f"{hung:3} hang   {ages}   {result}")

    def rest(self, count: int) -> None:
        """Start-up time, memory idle, memory with a dead receiver's backlog."""
        with receiver("--hang", "1", folder=self.folder) as there:
            ports = there.ports[0]
            print("\nAt rest")
            print("idle      ", run("idle", self.fresh(), "--ports", ports, "--seconds", 1))
            waiting = run("waiting", self.fresh(), "--ports", ports, "--count", count, "--seconds", 5)
            print(f"{count} waiting", waiting)


def main(argv: list[str] | None = None) -> None:
    """Run and print the tables."""
    parser = argparse.ArgumentParser(prog="bench.deliveries")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--count", type=int, default=40_000)
    parser.add_argument("--only", choices=[*CASES, "hanging", "rest"], action="append")
    options = parser.parse_args(argv)
    wanted = options.only or [*CASES, "hanging", "rest"]
    with tempfile.TemporaryDirectory(prefix="redound-bench-") as name:
        session = Session(Path(name))
        for key, case in CASES.items():
            if key in wanted:
                session.compare(case, options.count, options.runs)
        if "hanging" in wanted:
            session.hanging(1000, 20.0)
        if "rest" in wanted:
            session.rest(100_000)


if __name__ == "__main__":
    main()
