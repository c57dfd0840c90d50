"""The check of a URL: what is wrong with it and one click to mend it, its parts, and its translation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from redound import gallery
from redound.console.accounts import permissions
from redound.console.errors import InvalidError
from redound.console.pages.editor import checking
from redound.console.pages.language import spoken
from redound.console.records.diagnostics import LintForm, TranslateForm, translated
from redound.console.shell import forms
from redound.console.shell.page import page
from redound.console.tools import lint_context
from redound.console.trackers import entries
from redound.core.dialects import DIALECTS
from redound.core.lint.engine import lint as judge
from redound.core.macros import example_values, without_manager_only
from redound.core.parsing import parse
from redound.core.states import Status

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.urls import URLPattern

    from redound.console.accounts.callers import Caller
    from redound.console.pages.editor.checking import Said
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest
    from redound.core.lint.engine import LintContext

STATUSES: Final = tuple(each.value for each in Status)


@page
def lint(request: PageRequest) -> HttpResponse:
    """Say what is to be said about a URL; a correction's button sends the corrected one."""
    permissions.check(request.caller, "lint", "write")
    data = request.POST if request.method == "POST" else request.GET
    typed: dict[str, Any] = {name: data.get(name, "") for name in ("url", "link", "tracker", "to")}
    typed["statuses"] = [each for each in data.getlist("statuses") if each in STATUSES]
    typed["url"] = data.get("fixed") or typed["url"]
    if not typed["url"].strip():
        return _answer(request, typed, {})
    try:
        found = _judged(typed, request.caller)
    except InvalidError as error:
        return _answer(request, typed, {}, forms.faults_of(error))
    return _answer(request, typed, found)


def _judged(typed: dict[str, Any], caller: Caller) -> dict[str, Any]:
    form = forms.read(
        LintForm,
        {
            "url": typed["url"],
            "statuses": typed["statuses"],
            "links": [typed["link"]] if typed["link"].strip() else [],
            "tracker": typed["tracker"] or None,
        },
    )
    parsed = parse(form.url)
    tracker = (entries.find(form.tracker, caller) if form.tracker else None) or gallery.index().recognise(
        parsed
    )
    context = lint_context.context(
        caller, statuses=tuple(form.statuses), links=tuple(form.links), tracker=tracker
    )
    found = judge(form.url, context)
    examples = example_values() if caller.manages else without_manager_only(example_values())
    said = checking.said(found, form.url, spoken())
    return {
        "said": said,
        "table": checking.table(parsed, found, examples),
        "tracker": tracker,
        "best": _best(form.url, said, context),
        "translation": _translation(typed, caller),
    }


def _best(url: str, said: list[Said], context: LintContext) -> str:
    """Return the URL with every safe correction made, "" when there is none or only one."""
    fixed, rounds = url, 0
    while rounds < len(said):
        fix = next((each.fix for each in judge(fixed, context) if each.fix), None)
        if fix is None or fix == fixed:
            break
        fixed, rounds = fix, rounds + 1
    return fixed if rounds > 1 else ""


def _translation(typed: dict[str, Any], caller: Caller) -> Values | None:
    """Return how another platform, or ours, would write it; None when that says nothing new."""
    wanted = {"url": typed["url"], **({"to": typed["to"]} if typed["to"] else {})}
    found = translated(forms.read(TranslateForm, wanted), caller)
    if found["url"] == typed["url"] and not found["unmapped"]:
        return None
    return found


def _answer(
    request: PageRequest, typed: dict[str, Any], found: dict[str, Any], faults: forms.Faults = forms.NONE
) -> HttpResponse:
    trackers = [(each.slug, each.name) for each in gallery.trackers().values()]
    trackers += [(row.pk, row.name) for row in entries.visible(request.caller)]
    values = {
        "typed": typed,
        "faults": faults,
        "others": faults.elsewhere(("url", "to")),
        "trackers": [("", _("Recognised by itself")), *trackers],
        "platforms": [("", _("Ours")), *((name, name) for name in DIALECTS)],
        "statuses": [(each, each in typed["statuses"]) for each in STATUSES],
        "asked": bool(found),
        **found,
    }
    return render(request, "pages/lint.html", values, status=422 if faults else 200)


urls: list[URLPattern] = [path("lint/", lint, name="lint")]
