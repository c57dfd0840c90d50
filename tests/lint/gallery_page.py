# ruff: noqa: E501
# The lines of the page are longer than those of code.
"""Makes `docs/gallery.md` of the gallery's files: `python -m tests.lint.gallery_page`."""

from __future__ import annotations

from pathlib import Path

from redound import gallery
from redound.core.gallery import Tracker, generate

PAGE = Path(__file__).parents[2] / "docs" / "gallery.md"

INTRODUCTION = """# Gallery

For each tracker here Redound makes two URLs that fit each other: your link, in which the tracker fills its click ID into a
sub slot, and the postback URL, which returns the same slot. Words in capitals are to be replaced by your own.

`GET /api/v1/gallery` lists the entries; `POST /api/v1/gallery/{slug}/urls` makes the URLs for a link, a slot (1 to 20) and
words to fill in (`{"link", "slot", "filled": {"DOMAIN": "…"}}`). The [linter](lint.md) knows the same facts:
`redound lint --tracker keitaro`.

Each entry is a small file in [`src/redound/gallery/trackers`](../src/redound/gallery/trackers), from the maker's public
documentation; what that does not say is left blank. The transaction that is sent is our `{conversion_id}`: it is always
there and never the same for two conversions; where the tracker should have the advertiser's, write `{txid}`.

A tracker that is not here can be added: `POST /api/v1/gallery` with `name`, `base`, `click_macro` and `parameters` (`name`,
`role`, `sent`; exactly one has the role `click`). An affiliate's entry is theirs alone, a manager's is for everybody unless
it names an `affiliate_id`.
"""


def render() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *map(_section, gallery.trackers().values())])


def _section(tracker: Tracker) -> str:
    made = generate(tracker, "https://go.example.net/c/ab12cd3")
    lines = [f"## {tracker.name}\n", f"- Entry: `{tracker.slug}` ({tracker.kind})"]
    lines.append(f"- Link: `{made.link}`" if made.link else "- Link: its click-ID macro is not known")
    lines.append(f"- Postback URL: `{made.postback}`")
    lines += [f"- {note}" for note in tracker.notes]
    rows = [
        f"| `{each.name}` | {each.role.value} | {'yes' if each.required else ''} | {each.meaning} |"
        for each in tracker.parameters
    ]
    return "\n".join([*lines, "", "| Parameter | For | Required | Meaning |", "|---|---|---|---|", *rows, ""])


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
