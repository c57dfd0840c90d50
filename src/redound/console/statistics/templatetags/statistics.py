"""Tags of the statistics pages: `{% load statistics %}`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from redound.console.statistics.reading import SUBS

if TYPE_CHECKING:
    from redound.console.statistics.wishes import Wish

register = template.Library()


@register.simple_tag
def narrowed(wish: Wish[Any], key: str) -> str:
    """Return the address that narrows to one row of a group, shown over time."""
    group = wish.question.group or ""
    name = group if group == "country" or group in SUBS else f"{group}_id"
    return wish.query(**{name: key, "group_by": ""})
