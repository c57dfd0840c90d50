"""The installation's settings as they are in force: to read, for they come from the environment."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from redound.console import runtime
from redound.console.manager.settings_table import GROUPS
from redound.console.shell.page import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.http import HttpResponse

    from redound.console.manager.settings_table import Setting
    from redound.console.shell.page import PageRequest

_PASSWORD = re.compile(r"(?<=:)[^:@/]+(?=@)|(?<=password=)[^&]+")
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
MASK = "••••"


@page
def settings_page(request: PageRequest) -> HttpResponse:
    """Show the settings."""
    groups = [{"words": group.words, "rows": [_row(each) for each in group.settings]} for group in GROUPS]
    return render(request, "manager/settings.html", {"groups": groups})


def _row(setting: Setting) -> dict[str, Any]:
    value = getattr(runtime.settings(), setting.attribute, None)
    return {
        "name": setting.name,
        "meaning": setting.meaning,
        "value": _shown(setting, value),
        "given": bool(os.environ.get(setting.name)),
    }


def _shown(setting: Setting, value: Any) -> str:
    """Return a value for eyes; of a secret only whether there is one."""
    show = _SHOW.get(setting.kind, str)
    return show(value) or "–"


def _secret(value: object) -> str:
    return f"{MASK} {_('set')}" if value else _("not set")


def _url(value: str) -> str:
    return _PASSWORD.sub(MASK, value)


def _list(values: Iterable[object]) -> str:
    return ", ".join(_duration(each) if isinstance(each, float) else str(each) for each in values)


def _switch(value: object) -> str:
    return _("on") if value else _("off")


def _days(days: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else _("for ever")


def _duration(seconds: float) -> str:
    """Return a duration as a setting is written: the largest unit without a rest."""
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size:g}{unit}"
    return f"{seconds * 1000:g}ms" if seconds else "0s"


_SHOW: Mapping[str, Callable[[Any], str]] = {
    "secret": _secret,
    "url": _url,
    "seconds": _duration,
    "list": _list,
    "switch": _switch,
    "days": _days,
}
