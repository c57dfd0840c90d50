"""Visitors and an advertiser who never stop, whatever happens to the server."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Self

from tests.journeys.client import Client, NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.process import Installation

THREADS = 4


@dataclass(slots=True)
class Load:
    """Clicks and reports in a loop, in threads of their own, against whichever server runs now.

    An advertiser who gets no answer, or a 503, reports the same txid again, as theirs do. `clicks` and
    `conversions` (txid → conversion ID) are what was answered 302 and 200: promises.
    """

    installation: Installation
    code: str
    name: str = "load"
    clicks: set[str] = field(default_factory=set)
    conversions: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    answered: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Begin."""
        self._threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(THREADS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End after what is under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def wait_for_more(self, count: int, seconds: float = 30) -> None:
        """Return once `count` further requests were answered."""
        with self._changed:
            goal = self.answered + count
            assert self._changed.wait_for(lambda: self.answered >= goal, seconds), "the load came to a halt"

    def _run(self, thread: int) -> None:
        for number in itertools.count():
            click_id = self._until_answered(partial(self._click, sub1=f"{thread}-{number}"))
            if click_id is None:
                return
            with self._changed:
                self.clicks.add(click_id)
            txid = f"{self.name}-{thread}-{number}"
            conversion = self._until_answered(partial(self._report, click_id=click_id, txid=txid))
            if conversion is None:
                return
            with self._changed:
                self.conversions[txid] = conversion

    def _click(self, client: Client, sub1: str) -> str:
        return client.click(self.code, sub1=sub1)

    def _report(self, client: Client, click_id: str, txid: str) -> str:
        reply = client.report(click_id=click_id, txid=txid)
        if reply.status == 503:
            raise NoAnswerError
        if reply.status != 200:
            self.wrong.append(f"{txid}: {reply.status} {reply.body}")
        return str(reply.json.get("conversion_id", ""))

    def _until_answered(self, ask: Callable[[Client], str]) -> str | None:
        """Ask again until there is an answer; None when the load is to end first."""
        client = Client("")
        while not self._stop.is_set():
            if client.base_url != self.installation.base_url:
                client = Client(self.installation.base_url, timeout=10)
            try:
                answer = ask(client)
            except NoAnswerError:
                self._stop.wait(0.02)
                continue
            with self._changed:
                self.answered += 1
                self._changed.notify_all()
            return answer
        return None
