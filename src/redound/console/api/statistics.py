"""Statistics: what traffic and postbacks came to, by time and by what they belong to."""

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from redound.console.api.requests import ApiRequest
from redound.console.filters import refuse_unknown
from redound.console.render import Values
from redound.console.shell.listing.export import lines
from redound.console.statistics import answering, reading
from redound.console.statistics.answering import Answer
from redound.console.statistics.asking import Asked, DeliveriesAsked, TrafficAsked
from redound.console.statistics.searching import by_sub1
from redound.console.statistics.shapes import DeliveriesShape, TrafficShape, answer_of, found_of, lines_of

router = Router(tags=["statistics"])


@router.get("/statistics", response=TrafficShape)
def get_statistics(request: ApiRequest, asked: Query[TrafficAsked]) -> Values | HttpResponse:
    """Count clicks, conversions and money; an affiliate's are their own, without revenue."""
    refuse_unknown(request.GET, asked)
    question = asked.question()
    if asked.sub1 is not None:
        found = by_sub1(request.caller, asked.sub1, question)
        return found_of(found, question, reading.as_of_ms(), request.caller)
    return _told(request, asked, answering.of_traffic(request.caller, question, compare=bool(asked.compare)))


@router.get("/statistics/deliveries", response=DeliveriesShape)
def get_delivery_statistics(request: ApiRequest, asked: Query[DeliveriesAsked]) -> Values | HttpResponse:
    """Count deliveries and attempts of postbacks, and tell how long receivers took to answer."""
    refuse_unknown(request.GET, asked)
    question = asked.question()
    return _told(
        request, asked, answering.of_deliveries(request.caller, question, compare=bool(asked.compare))
    )


def _told(request: ApiRequest, asked: Asked, answer: Answer[Any]) -> Values | HttpResponse:
    if asked.format == "json":
        return answer_of(answer, request.caller)
    text = "".join(lines(lines_of(answer, request.caller)))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="statistics.csv"'
    return response
