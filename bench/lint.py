"""How fast the linter and the parser are: URLs a second, and the longest strings there are.

    python bench/lint.py

Reference: thousands of URLs a second; any string of 64 KB in less than 10 ms.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from redound import gallery
from redound.core.lint.engine import LintContext, lint
from redound.core.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

URLS = (
    "https://tracker.example.com/postback?cid={sub1}&payout={payout}&status={status}",
    "https://go.example.net/KEY/postback?subid={sub1}&status={status}&payout={payout}&currency={currency}",
    "https://t.example.com/pb?cid={clickid}&payout=#price#&status=[STATUS]",
    "https://t.example.com/pb?cid={sub1}&amp;payout={payuot}&status=approved|rejected",
    "t.example.com/postback&cid=%7Bsub1%7D&sum={payout},{currency}&tid={timestamp}",
)
SIZE = 65_536
LONG = {
    "letters": "a",
    "braces": "{",
    "macros": "{sub1}",
    "open macros": "{a|b",
    "pairs": "&a=b",
    "separators": "&",
    "percent": "%7B",
    "hashes": "#a",
    "brackets": "[a",
    "blanks": " ",
    "spaces in words": "a b",
    "Cyrillic": "\u0430=",
    "eaten entities": "\u00a4cy=",
    "tags": "<a href=",
    "URLs": "https://a.b/?c=",
    "quotes": "\u201c",
}
LIMIT_MS = 10.0


def rate(seconds: float = 2.0) -> float:
    """Return URLs a second, linted with the gallery, corrections included."""
    context = LintContext(trackers=gallery.index())
    count, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        for number, url in enumerate(URLS):
            lint(f"{url}&n={count + number}", context)
        count += len(URLS)
    return count / (time.process_time() - began)


def longest(text: str, times: int = 5) -> tuple[float, float]:
    """Return the ms that parsing and linting a string take, the best of a few."""
    found = []
    for work in (parse, lint):
        best = float("inf")
        for _ in range(times):
            began = time.process_time()
            work(text)
            best = min(best, (time.process_time() - began) * 1000)
        found.append(best)
    return found[0], found[1]


def main(arguments: Sequence[str] = ()) -> None:
    """Print the measurements; stop when one is over its limit."""
    del arguments
    print(f"{rate():,.0f} URLs a second, with corrections")
    for name, unit in LONG.items():
        for start in ("", "https://t.example.com/pb?cid="):
            text = (start + unit * SIZE)[:SIZE]
            parsing, linting = longest(text)
            place = "in a query" if start else ""
            print(f"64 KB of {name:16} {place:10} parse {parsing:6.2f} ms  lint {linting:6.2f} ms")
            assert linting < LIMIT_MS, name
            assert parsing < LIMIT_MS, name


if __name__ == "__main__":
    main()
