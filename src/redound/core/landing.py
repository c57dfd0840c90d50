"""Where a click leads: the offer's landing URL with its macros filled, or a deep link into an allowed host.

Scheme and host come from the offer alone: nothing a visitor or affiliate sends can change them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote_plus

from redound.core.freezing import freeze
from redound.core.macros import PARAM, SUBS
from redound.core.templates import Part, Position, parse_template

if TYPE_CHECKING:
    from redound.core.catalog import Affiliate, Brand, Campaign, Link, Offer
    from redound.core.clicks import Click
    from redound.core.templates import Template

CLICK_ID: Final = "click_id"
DEEP_LINK: Final = "url"
"""The parameter of a tracking link that asks for a page of its own."""

_START = re.compile(r"https?://[^/?#{}\s]+(?=[/?#]|$)", re.IGNORECASE)
_DEEP = re.compile(r"(https?://)([a-z0-9.-]+)(:[0-9]{1,5})?([/?#].*)?", re.IGNORECASE | re.DOTALL | re.ASCII)
_SAFE = "!$%&'()*+,-./:;=?@_~#[]"
_OF_PARAMS = frozenset((*SUBS, "source"))


@dataclass(frozen=True, slots=True)
class BadLanding:
    """The offer's landing URL cannot be used; `sentence` says why."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Landing:
    """A compiled landing URL. `names` are its macros; `parameter` is how the page wants the click ID called.

    `simple`: click ID and the link's own parameters are all it asks for.
    """

    template: Template
    names: tuple[str, ...]
    parameter: str
    simple: bool


@lru_cache(maxsize=4096)
def compile_landing(landing_url: str) -> Landing | BadLanding:
    """Compile a landing URL; `click_id=` is added to its query when no macro carries the click ID."""
    if _START.match(landing_url) is None:
        return BadLanding("It must start with http:// or https:// and a host that has no macro.")
    template = parse_template(landing_url, Position.URL)
    if not isinstance(template, list) and CLICK_ID not in template.names:
        template = parse_template(_with_parameter(landing_url, CLICK_ID, "{click_id}"), Position.URL)
    if isinstance(template, list):
        return BadLanding(template[0].message)
    if any(use.part is Part.AUTHORITY for use in template.uses):
        return BadLanding("A macro stands in the host.")
    names = tuple(sorted(template.names))
    simple = all(name == CLICK_ID or name in _OF_PARAMS or name.startswith(PARAM) for name in names)
    found = re.search(r"[?&]([^=&#{}]+)=\{click_id\}", landing_url)
    return Landing(template, names, found[1] if found else CLICK_ID, simple)


def location(
    click: Click,
    offer: Offer,
    link: Link,
    affiliate: Affiliate,
    brand: Brand | None,
    campaign: Campaign | None,
) -> str | BadLanding:
    """Return the URL to redirect this click to.

    A deep link to a host that is not allowed leads to the landing page instead: the visitor still arrives,
    and the click keeps what was asked for.
    """
    landing = compile_landing(offer.landing_url)
    if isinstance(landing, BadLanding):
        return landing
    wanted = click.params.get(DEEP_LINK)
    if wanted and offer.deep_link_hosts:
        deep = _deep_link(wanted, offer.deep_link_hosts, landing.parameter, click.id)
        if deep is not None:
            return deep
    if landing.simple:
        return landing.template.render(_own_values(landing.names, click))
    return landing.template.render(freeze(click, offer, brand, campaign, link, affiliate, None, None, None))


def _own_values(names: tuple[str, ...], click: Click) -> dict[str, str]:
    params = click.params
    return {
        name: click.id if name == CLICK_ID else params.get(name.removeprefix(PARAM), "") for name in names
    }


def _deep_link(raw: str, hosts: tuple[str, ...], parameter: str, click_id: str) -> str | None:
    """Return the deep link with our click ID, or None when it is not a plain URL of an allowed host.

    An allowed host stands for itself with any port, or is written with the only port allowed.
    """
    found = _DEEP.fullmatch(raw.strip())
    if found is None:
        return None
    scheme, host, port, rest = found[1].lower(), found[2].lower(), found[3] or "", found[4] or "/"
    allowed = {entry.strip().lower() for entry in hosts}
    if host not in allowed and host + port not in allowed:
        return None
    return scheme + host + port + _with_parameter(quote(rest, safe=_SAFE), parameter, click_id)


def _with_parameter(url: str, name: str, value: str) -> str:
    """Return the URL with this query parameter last and only once, before the fragment."""
    before, hash_mark, fragment = url.partition("#")
    path, _, query = before.partition("?")
    kept = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != name]
    return f"{path}?{'&'.join([*kept, f'{name}={value}'])}{hash_mark}{fragment}"
