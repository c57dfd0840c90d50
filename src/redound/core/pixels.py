"""HTML postbacks (Everflow's HTML delivery): what the visitor's browser is shown, and the page around it.

The HTML is an affiliate's and hostile until proven otherwise. Each piece stands in a frame of its own whose
origin is nobody's; the page around it has none either.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from html import escape
from typing import TYPE_CHECKING, Final

from redound.core.scan import Position
from redound.core.templates import Template, parse_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from redound.core.catalog import Postback

POLICY: Final = (
    "sandbox allow-scripts; default-src 'none'; img-src https: http:; "
    "script-src 'unsafe-inline' https: http:; frame-src https: http:; connect-src https: http:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
"""The Content-Security-Policy of the page. The frames in it inherit it, and so does what they load."""

_PAGE: Final = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Pixel</title>{frames}</html>\n'
_FRAME: Final = (
    '<iframe sandbox="allow-scripts" referrerpolicy="no-referrer" width="1" height="1" title="Pixel" '
    'srcdoc="{}"></iframe>'
)


def show(postback: Postback, values: Mapping[str, str], delivery_id: str, now_ms: int) -> str:
    """Return the HTML of an `html` postback for one delivery.

    It is "" when the stored HTML breaks a rule newer than itself. `{random}` is made of the delivery's ID,
    which is random.
    """
    template = _compiled(postback.body)
    if template is None:
        return ""
    random = int.from_bytes(blake2b(delivery_id.encode(), digest_size=8).digest())
    return template.render(
        {
            **values,
            "postback_id": postback.id,
            "delivery_id": delivery_id,
            "attempt": "1",
            "timestamp": str(now_ms // 1000),
            "random": str(random),
        }
    )


def page(shown: Iterable[str]) -> str:
    """Return the page that shows these pieces of HTML, each in a frame where it sees nothing but itself."""
    return _PAGE.format(frames="".join(_FRAME.format(escape(html)) for html in shown))


@lru_cache(maxsize=512)
def _compiled(body: str) -> Template | None:
    template = parse_template(body, Position.HTML)
    return template if isinstance(template, Template) else None
