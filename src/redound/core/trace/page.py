"""The page docs/troubleshooting.md, made of the causes: what the code finds is what is documented."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from redound.core.trace.causes import Tone
from redound.core.trace.order import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.core.trace.causes import Cause

_INTRODUCTION: Final = """# Troubleshooting

Why did my conversion not show up? Ask with whatever you have: a click ID, the tracker's click ID (any
value of a sub parameter), a transaction ID, or the ID of a conversion, delivery, attempt or report.

```console
$ redound trace MYTEST123
$ curl -H "Authorization: Bearer rdk_…" "http://127.0.0.1:8000/api/v1/trace?q=MYTEST123"
```

The answer tells everything that happened to the click, in order: the click, the reports with their
verdicts, the conversions with their changes, what every postback made of them and why, the deliveries
with every attempt. Then it names the likeliest cause, what shows it, and what to do; other causes that
hold as well follow. `Accept-Language: ru` gives the sentences in Russian. An affiliate sees what
concerns their own clicks and postbacks, and nothing else.

A value that was clicked a moment ago is found among the latest clicks, older ones by an index that lags
some seconds behind. A value that came with very many clicks (such as `google`) leads to the latest of
them.

## How the cause is found

The search goes backwards along a conversion's way, because the last thing that happened explains most:

1. Is what was asked for an ID at all, and unchanged?
2. Was something sent for a click that carries no tracker's click ID where the postback looks for it?
3. Could the callback not be brought, was it refused, or do the words of a 2xx say no?
4. Was the conversion accepted, and no postback fired for it?
5. Were reports refused, or did they come with another ID?
6. Did a person make the click, and was anything reported for it?
7. Does a callback wait for its time?
8. Otherwise all is well here, and the tracker counts by rules of its own.

Causes are problems unless they are marked: *waiting* will pass by itself, *fine* is as it should be.
"""

_ENDING: Final = """
## When all is well here

A 2xx proves only that something answered. To see whether the tracker tells right from wrong, send the
same request with a click ID that is known to be wrong: if the answer is the same, the answer says
nothing. Then compare what was sent with the tracker's own documentation: whether a repeated transaction
ID is dropped, which status words it maps, whether its event types are case-sensitive, and how long after
the click it accepts a conversion.
"""

_WIDTH: Final = 118
_NAME = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")


def troubleshooting() -> str:
    """Return the whole page."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield _INTRODUCTION
    for stage, causes in STAGES:
        yield f"\n## {stage}\n"
        for cause in causes:
            yield _section(cause)
    yield _ENDING


def _section(cause: Cause) -> str:
    mark = "" if cause.tone is Tone.PROBLEM else f"*{cause.tone.value}* "
    paragraphs = (
        f"{mark}{_shown(cause.en)}",
        f"**Known by.** {cause.known_by}",
        f"**What to do.** {_shown(cause.remedy_en)}",
    )
    return f"\n### {cause.code}\n" + "".join(f"\n{_wrapped(each)}\n" for each in paragraphs)


def _wrapped(paragraph: str) -> str:
    return "\n".join(wrap(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False))


def _shown(template: str) -> str:
    """Return a sentence with its names marked as what is filled in."""
    return _NAME.sub(r"*\1*", template).replace("{{", "`{").replace("}}", "}`")
