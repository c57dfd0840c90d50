# ruff: noqa: E501
# The lines of the page are longer than those of code.
"""Makes `docs/lint.md` of the table of codes and the examples: `python -m tests.lint.page`."""

from __future__ import annotations

from pathlib import Path

from redound.core.lint.engine import CODES, lint
from tests.lint.examples import CONTRACT, MACROS, STRUCTURE, Example
from tests.lint.labels import context

PAGE = Path(__file__).parents[2] / "docs" / "lint.md"
MOST = 120

INTRODUCTION = """# Lint

The linter reads a postback URL and says what would not work (error), what is probably not meant (warning) and what is
worth knowing (info). It never changes anything by itself: where there is one safe correction, it shows the corrected URL,
tried out before it is offered.

```console
$ redound lint 'https://tracker.example.com/pb?cid={clickid}'
$ redound lint --stdin --json < urls.txt
$ redound lint --tracker keitaro --status approved --status rejected 'https://tracker.example.com/k/postback?subid={sub1}'
```

It ends with exit code 3 when a URL has an error. With `--json` each URL becomes one line:
`{"url", "findings": [{"code", "severity", "span": [start, end] or null, "message", "fix": {"url"} or null, "docs"}]}`.
The span counts characters of the URL as it was given. `--lang ru` says the sentences in Russian.

What else is known makes it more precise:

| Option | Says | Used for |
|---|---|---|
| `--link` | your link, with the tracker's macros as you gave it to the tracker | [slot_mismatch](#slot_mismatch), [slot_differs](#slot_differs) |
| `--tracker` | the tracker, as in the [gallery](gallery.md) | [wrong_click_param](#wrong_click_param), [wrong_endpoint](#wrong_endpoint) |
| `--status`, `--goal` | what the postback fires for | [missing_status](#missing_status), [constant_status](#constant_status), [constant_payout](#constant_payout) |
| `--affiliate` | that an affiliate owns the postback | [macro_not_visible](#macro_not_visible) |

`POST /api/v1/lint` takes the same; with `postback_id` it knows what the stored postback fires for, and the affiliate's
latest clicks tell in which slot the tracker's click ID really arrives. `redound parse` shows the parts of a URL,
[`redound translate`](translate.md) rewrites one from another platform.
"""


def render() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION]
    for title, examples in (
        ("Structure", STRUCTURE),
        ("Macros", MACROS),
        ("What the tracker is told", CONTRACT),
    ):
        parts += [f"## {title}\n", *map(_section, examples)]
    return "\n".join(parts)


def _section(example: Example) -> str:
    finding = next(
        each for each in lint(example.wrong, context(example.context)) if each.code == example.code
    )
    usual = CODES[example.code].severity
    level = usual.value if finding.severity is usual else f"{usual.value}, here {finding.severity.value}"
    lines = [f"### {example.code}\n", f"{level.capitalize()}. {example.why}\n"]
    known = f" (with {', '.join(map(_told, example.context.split()))})" if example.context else ""
    lines.append(
        f"- `{_shown(example.wrong)}`{known}: {finding.message}" if example.wrong else f"- {finding.message}"
    )
    lines.append(f"- Right: `{_shown(example.right)}`")
    if finding.fix is not None:
        lines.append(f"- The fix: `{_shown(finding.fix)}`")
    return "\n".join([*lines, ""])


def _told(part: str) -> str:
    name, _, value = part.partition("=")
    return f"`--{name}`" if not value else f"`--{name.removesuffix('es')} {value}`"


def _shown(url: str) -> str:
    shown = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in url)
    return shown if len(shown) <= MOST else f"{shown[: MOST // 2]}…{shown[-MOST // 4 :]}"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
