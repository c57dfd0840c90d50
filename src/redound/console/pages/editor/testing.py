"""Sending a test from beside the editor, and showing what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from redound.console.errors import ConsoleError
from redound.console.pages.editor.fields import one_id
from redound.console.pages.editor.shown import language
from redound.console.postbacks.sampling import sample
from redound.console.records import attempts
from redound.console.tools import tester
from redound.console.tracing import rows
from redound.console.traffic.models import Attempt
from redound.core.tools.control import returned_names

if TYPE_CHECKING:
    from django.http import QueryDict

    from redound.console.accounts.callers import Caller
    from redound.console.postbacks.models import Postback
    from redound.console.postbacks.sampling import Sample
    from redound.console.shell.page import PageRequest


def send(row: Postback, data: QueryDict, caller: Caller) -> str:
    """Send a test of a stored postback; return the query that leads to its result."""
    typed = data.get("test_click_id", "").strip()
    try:
        wanted = _sample(row, one_id(data, "preview"), typed, caller)
        tried = tester.try_out(row, wanted, with_control=False)
    except ConsoleError as error:
        return urlencode({"refused": error.code, "click": typed})
    return urlencode({"tested": tried.right.attempt.pk, "click": typed})


def _sample(row: Postback, conversion_id: str, typed: str, caller: Caller) -> Sample:
    """Return the values to send: the tracker's click ID as it was typed, in the macros that return it."""
    wanted = sample("", conversion_id, caller)
    if not typed:
        return wanted
    names = returned_names(rows.owner(row, None).postback)
    return replace(wanted, values={**wanted.values, **dict.fromkeys(names, typed)})


def result(row: Postback, request: PageRequest) -> dict[str, Any] | None:
    """Return what came of the test that the address names; None without one."""
    refused = request.GET.get("refused")
    if refused:
        return {"refused": refused}
    wanted = one_id(request.GET, "tested")
    found = Attempt.objects.filter(pk=wanted, postback_id=row.pk).first() if wanted else None
    if found is None:
        return None
    reply = tester.reply(row, found)
    return {
        "attempt": attempts.shape(found),
        "meanings": [{"text": each.text(language())} for each in reply.meanings],
    }
