"""The tester: a test link, its click, a test conversion for it, and trying a postback with a control."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from redound.console import runtime, throttle
from redound.console.accounts import permissions
from redound.console.catalog import visibility as catalog
from redound.console.errors import ConsoleError, InvalidError, NotFoundError
from redound.console.pages.language import spoken
from redound.console.pages.reasons import in_words
from redound.console.postbacks import visibility
from redound.console.postbacks.sampling import sample
from redound.console.records.clicks import clicks
from redound.console.records.conversions import conversions, evaluations
from redound.console.records.deliveries import deliveries
from redound.console.records.tester import TestConversionForm, convert, preview_values, tried_values
from redound.console.records.trace import scope_of
from redound.console.shell import forms
from redound.console.shell.page import here, page
from redound.console.tools import tester as trying
from redound.console.tracing.resolving import MAX_TEXT, resolve
from redound.core.states import Status

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict
    from django.urls import URLPattern

    from redound.console.accounts.callers import Caller
    from redound.console.postbacks.models import Postback
    from redound.console.render import Values
    from redound.console.shell.page import PageRequest

VALUE: Final = "MYTEST123"
CHOICES: Final = 200
"""As many links and postbacks are offered, the newest; a postback's own page tests any other."""
UNDER_WAY: Final = frozenset(("pending", "leased", "retrying"))
KEPT: Final = ("link", "value", "q", "click", "conversion", "postback")


@dataclass(frozen=True, slots=True)
class State:
    """What has been chosen so far; it stands in the address, "" for nothing."""

    link: str = ""
    value: str = VALUE
    q: str = ""
    click: str = ""
    conversion: str = ""
    postback: str = ""

    @classmethod
    def of(cls, data: QueryDict) -> State:
        """Read it from a query or a form."""
        given = {name: data.get(name, "").strip()[:MAX_TEXT] for name in KEPT}
        return cls(**{**given, "value": given["value"] or VALUE})

    def query(self, **changes: str) -> str:
        """Return the query string of this state with changes."""
        pairs = {name: getattr(self, name) for name in KEPT} | changes
        return urlencode({name: value for name, value in pairs.items() if value})


@page
def tester(request: PageRequest) -> HttpResponse:
    """Show all steps, each with what the ones before it chose."""
    permissions.check(request.caller, "postbacks", "write")
    return _shown(request, State.of(request.GET))


@page
@require_POST
def test_conversion(request: PageRequest) -> HttpResponse:
    """Make a test conversion for a click; lead to what came of it."""
    permissions.check(request.caller, "clicks", "write")
    _throttled(request)
    state = State.of(request.POST)
    click = clicks.find(request.caller, state.click.lower())
    typed = forms.given(request.POST, "goal", "status", "amount", "currency", "txid")
    try:
        made = convert(click, forms.read(TestConversionForm, typed), request.caller)
    except InvalidError as error:
        return _shown(request, state, typed=typed, faults=forms.faults_of(error), code=422)
    return redirect(f"{here(request, 'tester')}?{state.query(conversion=made['conversion']['id'])}#result")


@page
@require_POST
def send(request: PageRequest) -> HttpResponse:
    """Send a test of a postback, with a control if one is asked for, and show the replies."""
    permissions.check(request.caller, "postbacks", "write")
    _throttled(request)
    state = State.of(request.POST)
    row = visibility.postbacks(request.caller).filter(pk=state.postback).first()
    if row is None:
        raise NotFoundError
    try:
        wanted = sample(state.click, state.conversion, request.caller)
        tried = trying.try_out(row, wanted, with_control=bool(request.POST.get("control")))
    except InvalidError:
        raise
    except ConsoleError as error:
        return _shown(request, state, refused=_refusal(error), code=error.status)
    return _shown(request, state, tried=_tried(tried_values(tried, spoken())))


def _throttled(request: PageRequest) -> None:
    throttle.tests.take(f"user {request.caller.user_id}")


def _refusal(error: ConsoleError) -> str:
    words = {
        "no_worker": _("Nothing was sent: no delivery worker is running. Ask your operator."),
        "busy": _("Several tests are under way already. Try again in a moment."),
        "html_not_testable": _("It is shown in the visitor's browser and never sent from here."),
        "archived": _("This postback was deleted."),
    }
    return words.get(error.code, error.detail)


def _tried(values: Values) -> Values:
    replies = [{"title": _("The test"), **values}]
    control = values["control"]
    if control and control["attempt"]:
        wrong = {**control["attempt"], "meanings": control["meanings"], "changed": control["changed"]}
        replies.append({"title": _("The control, with a wrong click ID"), **wrong})
    return {"replies": replies, "control": control}


def _shown(request: PageRequest, state: State, *, code: int = 200, **more: Any) -> HttpResponse:
    caller = request.caller
    click_id = state.click.lower() or _found(state, caller)
    click = clicks.visible(caller).filter(pk=click_id).first() if click_id else None
    looked = bool(state.q or state.click)
    state = replace(state, click=click.pk if click is not None else "")
    values = {
        "state": state,
        "kept": [(name, getattr(state, name)) for name in KEPT],
        "links": _links(caller),
        "link_url": _link_url(state, caller),
        "looked": looked,
        "click": clicks.shapes([click], caller)[0] if click is not None else None,
        "goals": _goals(click, caller),
        "statuses": [("", _("As the goal says")), *((each.value, each.value) for each in Status)],
        "made": _made(state, caller),
        "postbacks": _postbacks(click, caller),
        "previewed": _previewed(state, caller),
        "typed": {},
        "faults": forms.NONE,
        **more,
    }
    return render(request, "pages/tester/page.html", values, status=code)


def _found(state: State, caller: Caller) -> str:
    return resolve(state.q, scope_of(caller)).click_id if state.q else ""


def _links(caller: Caller) -> list[tuple[str, str]]:
    rows = catalog.links(caller).filter(active=True).order_by("-pk")[:CHOICES]
    return [(row.pk, f"{row.name or row.code} · {row.offer.name}") for row in rows]


def _link_url(state: State, caller: Caller) -> str:
    row = catalog.links(caller).filter(pk=state.link).first() if state.link else None
    if row is None:
        return ""
    return f"{runtime.settings().tracking_url}/c/{row.code}?sub1={quote(state.value, safe='')}"


def _goals(click: Any, caller: Caller) -> list[tuple[str, str]]:
    if click is None:
        return []
    rows = catalog.goals(caller).filter(offer_id=click.offer_id).order_by("-base", "code")
    return [(row.code, f"{row.name} ({row.code})") for row in rows]


def _made(state: State, caller: Caller) -> dict[str, Any] | None:
    """Return the conversion that was made, what each postback made of it, and what is being sent."""
    if not state.conversion:
        return None
    row = conversions.visible(caller).filter(pk=state.conversion).first()
    if row is None:
        return None
    told = evaluations(row, caller)
    owed = deliveries.visible(caller).filter(conversion_id=row.pk).order_by("pk")
    sent = deliveries.shapes(list(owed), caller)
    wanted = {each["postback_id"] for each in told}
    names = dict(visibility.postbacks(caller).filter(pk__in=wanted).values_list("pk", "name"))
    return {
        "conversion": conversions.shapes([row], caller)[0],
        "evaluations": [
            {**each, "name": names.get(each["postback_id"], ""), "words": in_words(each["reason"])}
            for each in told
        ],
        "deliveries": sent,
        "waiting": any(each["state"] in UNDER_WAY for each in sent),
    }


def _postbacks(click: Any, caller: Caller) -> list[tuple[str, str]]:
    rows = visibility.postbacks(caller).filter(archived_at=None, delivery="s2s")
    if click is not None and caller.manages:
        rows = rows.filter(affiliate_id__in=[click.affiliate_id]) | rows.filter(affiliate=None)
    named = rows.order_by("-pk")[:CHOICES]
    return [(row.pk, _label(row, caller)) for row in named]


def _label(row: Postback, caller: Caller) -> str:
    return f"{row.name} · {row.affiliate.name}" if caller.manages and row.affiliate is not None else row.name


def _previewed(state: State, caller: Caller) -> Values | None:
    if not state.postback:
        return None
    row = visibility.postbacks(caller).filter(pk=state.postback).first()
    if row is None:
        return None
    try:
        wanted = sample(state.click, state.conversion, caller)
    except InvalidError:
        wanted = sample("", "", caller)
    return preview_values(row, wanted)


urls: list[URLPattern] = [
    path("tester/", tester, name="tester"),
    path("tester/conversion/", test_conversion, name="tester-conversion"),
    path("tester/send/", send, name="tester-send"),
]
