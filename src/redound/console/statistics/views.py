"""The pages of statistics, the same in both portals: traffic, and what became of postbacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from redound.console.accounts import permissions
from redound.console.shell.listing.export import lines
from redound.console.shell.page import here, page
from redound.console.statistics import answering, choices, reading, showing, wishes
from redound.console.statistics.asking import DeliveriesAsked, TrafficAsked
from redound.console.statistics.searching import by_sub1
from redound.console.statistics.shapes import lines_of
from redound.console.statistics.words import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from redound.console.shell.page import PageRequest
    from redound.console.statistics.answering import Answer
    from redound.console.statistics.wishes import Wish


@page
def traffic(request: PageRequest) -> HttpResponse:
    """Show clicks, conversions and money."""
    wish = wishes.read(request.GET, TrafficAsked)
    if wish.asked.sub1 is not None:
        return _search(request, wish)
    answer, over_time = _answers(request, wish, answering.of_traffic)
    if wish.asked.format == "csv":
        return _csv(request, answer, "statistics")
    context = {
        "tiles": showing.traffic_tiles(answer, request.caller),
        "charts": showing.traffic_charts(over_time),
        "columns": showing.traffic_columns(answer, request.caller),
        "lines": showing.traffic_lines(answer, request.caller),
    }
    return _shown(request, "statistics/traffic.html", wish, answer, context)


@page
def deliveries(request: PageRequest) -> HttpResponse:
    """Show what became of postbacks, and how long receivers took."""
    permissions.check(request.caller, "deliveries", "write")
    wish = wishes.read(request.GET, DeliveriesAsked)
    answer, over_time = _answers(request, wish, answering.of_deliveries)
    if wish.asked.format == "csv":
        return _csv(request, answer, "postbacks")
    context = {
        "tiles": showing.delivery_tiles(answer),
        "charts": showing.delivery_charts(over_time),
        "columns": showing.delivery_columns(),
        "lines": showing.delivery_lines(answer),
        "of_deliveries": True,
    }
    return _shown(request, "statistics/deliveries.html", wish, answer, context)


def _answers(
    request: PageRequest, wish: Wish[Any], ask: Callable[..., Answer[Any]]
) -> tuple[Answer[Any], Answer[Any]]:
    """Return the table's answer and the charts': a group's table has no time, a chart no group."""
    question = wish.question
    compare = wish.asked.compare is not None
    over_time = ask(request.caller, replace(question, group=None), compare=compare)
    if question.group is None:
        return over_time, over_time
    return ask(request.caller, replace(question, interval=None), compare=compare), over_time


def _search(request: PageRequest, wish: Wish[TrafficAsked]) -> HttpResponse:
    found = by_sub1(request.caller, wish.asked.sub1 or "", wish.question)
    question = replace(wish.question, interval=None, group=None)
    answer = answering.Answer(question, reading.as_of_ms(), found.figures, [])
    if wish.asked.format == "csv":
        return _csv(request, answer, "statistics")
    context = {"tiles": showing.traffic_tiles(answer, request.caller), "found": found, "searched": True}
    return _shown(request, "statistics/traffic.html", wish, answer, context)


def _csv(request: PageRequest, answer: Answer[Any], name: str) -> HttpResponse:
    text = "\ufeff" + "".join(lines(lines_of(answer, request.caller)))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    file = f"{name}-{timezone.localtime():%Y-%m-%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def _shown(
    request: PageRequest, template: str, wish: Wish[Any], answer: Answer[Any], context: dict[str, Any]
) -> HttpResponse:
    question = answer.question
    return render(
        request,
        template,
        {
            **context,
            "wish": wish,
            "answer": answer,
            "as_of": datetime.fromtimestamp(answer.as_of_ms / 1000, UTC),
            "form": choices.form_of(wish, request.caller),
            "first_column": showing.first_column(question),
            "narrows": question.group,
            "csv": wish.query(format="csv"),
            "curl": _curl(request, wish),
            "of_all": count(len(answer.rows)),
            "traffic_url": here(request, "statistics"),
            "deliveries_url": here(request, "statistics-deliveries"),
        },
    )


def _curl(request: PageRequest, wish: Wish[Any]) -> str:
    """Return the same question to the API, as a command."""
    path = "statistics/deliveries" if isinstance(wish.asked, DeliveriesAsked) else "statistics"
    left_out = {"format"} | ({"interval"} if wish.question.group else set())
    asked = wish.asked.model_dump(mode="json", exclude_none=True, exclude=left_out)
    base = (
        settings.CSRF_TRUSTED_ORIGINS[0] if settings.CSRF_TRUSTED_ORIGINS else request.build_absolute_uri("/")
    )
    parts = [f'curl -G "{base.rstrip("/")}/api/v1/{path}" -H "Authorization: Bearer rdk_…"']
    parts += [f"--data-urlencode {_quoted(f'{name}={value}')}" for name, value in asked.items()]
    return " \\\n  ".join(parts)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
