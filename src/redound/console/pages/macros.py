"""Macros: everything that may stand in braces, what it means, an example, and what it may be made into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from redound.console.pages.language import spoken
from redound.console.shell.page import page
from redound.core.aliases import ALIASES
from redound.core.macros import MACROS, MANAGER_ONLY, PARAM_MACRO, Source
from redound.core.tools.macro_words import MODIFIERS, meaning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpResponse
    from django.urls import URLPattern
    from django.utils.functional import _StrPromise

    from redound.console.shell.page import PageRequest

GROUPS: Final[Mapping[Source, _StrPromise]] = {
    Source.CLICK: _("From the click"),
    Source.CONFIGURATION: _("From the set-up"),
    Source.CONVERSION: _("From the conversion"),
    Source.SENDING: _("From the moment of sending"),
}


@page
def macros(request: PageRequest) -> HttpResponse:
    """List the macros that somebody may use, those that fit a search."""
    wanted = request.GET.get("q", "").strip().strip("{}").lower()[:100]
    managers = request.caller.manages
    groups = [(words, list(_found(source, wanted, managers=managers))) for source, words in GROUPS.items()]
    modifiers = [
        {"name": name, "use": use, "meaning": text.text(spoken())}
        for name, (use, text) in MODIFIERS.items()
        if not wanted or wanted in name
    ]
    values = {"q": wanted, "groups": [each for each in groups if each[1]], "modifiers": modifiers}
    return render(request, "pages/macros.html", values)


def _found(source: Source, wanted: str, *, managers: bool) -> Iterator[dict[str, Any]]:
    for macro in (*MACROS.values(), PARAM_MACRO):
        if macro.source is not source or (macro.name in MANAGER_ONLY and not managers):
            continue
        text = meaning(macro.name, spoken())
        others = [alias for alias, name in ALIASES.items() if name == macro.name]
        if not wanted or any(wanted in each.lower() for each in (macro.name, text, *others)):
            yield {
                "name": macro.name,
                "written": "{" + macro.name + "}",
                "meaning": text,
                "example": macro.example,
                "managers": macro.name in MANAGER_ONLY,
                "aliases": others,
            }


urls: list[URLPattern] = [path("macros/", macros, name="macros")]
