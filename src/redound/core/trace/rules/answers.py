"""The receiver answered: with a refusal, with a page for people, or with a 2xx whose words say no.

A 2xx proves nothing: some trackers answer 200 to a wrong key, to a duplicate and to an unknown click.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from redound.core.deliveries import DeliveryState, ErrorKind
from redound.core.trace.causes import answers as causes
from redound.core.trace.rules.deliveries import about, undelivered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from redound.core.trace.causes import Cause, Diagnosis
    from redound.core.trace.facts import Attempt, Delivery, Facts
    from redound.core.trace.rules import Rule

_LOOKED_AT: Final = 4096
_SHOWN: Final = 120


_BY_STATUS: Final[Mapping[int, Cause]] = {
    401: causes.UNAUTHORISED,
    403: causes.FORBIDDEN,
    404: causes.NOT_FOUND,
    405: causes.METHOD,
    407: causes.UNAUTHORISED,
    410: causes.GONE,
    429: causes.TOO_MANY,
}
_BLOCKABLE: Final = frozenset({403, 429, 503})

_NO_CLICK = re.compile(
    r"(?:click|sub|visit|hit|cid|conversion id|transaction)[ _-]?(?:id)?\b[^.\n]{0,40}?"
    r"\b(?:not found|unknown|not exist|doesn'?t exist|does not exist|missing|invalid|incorrect|empty|expired)"
    r"|\b(?:no such|unknown|invalid|incorrect|wrong|missing|empty|bad|cannot find|can'?t find|not found)"
    r" (?:the )?(?:click|sub|visit|hit|cid)[ _-]?(?:id)?\b",
    re.IGNORECASE,
)
_DUPLICATE = re.compile(
    r"\bduplicat\w*|\balready (?:exists?|recorded|registered|converted|tracked|counted|processed)",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\b(?:errors?|fail(?:ed|ure)?|exception|invalid|incorrect|denied|rejected|unauthorized|forbidden|ignored"
    r"|not found|not allowed|unknown|missing|wrong|bad request)\b"
    r"|[\"']?(?:success|ok|status)[\"']?\s*[:=]\s*[\"']?(?:false|0|ko|nok)\b",
    re.IGNORECASE,
)
_NO_ERROR = re.compile(
    r"\bno errors?\b|\b(?:0|without|zero) (?:errors?|failures?)\b"
    r"|[\"']?(?:errors?|failed|failures?|exception|error_?(?:code|message)|message)[\"']?\s*[:=]\s*"
    r"(?:null|none|false|0|\"\"|''|\[\s*\]|\{\s*\})(?![\w.])",
    re.IGNORECASE,
)
_HTML = re.compile(
    r"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_PASSWORD = re.compile(r"type\s*=\s*[\"']?password", re.IGNORECASE)
_LOGIN = re.compile(
    r"/(?:log-?in|sign-?in|auth|account/login|admin)\b|[?&](?:return|next|redirect)\w*=", re.IGNORECASE
)
_FIREWALL = re.compile(
    r"cloudflare|captcha|ddos|are you human|attention required|access denied|incapsula|imperva|akamai|sucuri"
    r"|web application firewall|\bwaf\b|your (?:ip|country)|blocked",
    re.IGNORECASE,
)
_TAGS = re.compile(
    r"<(?:script|style)\b[^>]{0,500}>.{0,2000}?</(?:script|style)>|<[^>]{0,500}>", re.DOTALL | re.IGNORECASE
)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def words_of(body: str) -> str:
    """Return the beginning of what a body says to people, without tags, on one line."""
    text = _BLANKS.sub(" ", _TAGS.sub(" ", body[:_LOOKED_AT])).strip()
    return text[:_SHOWN] + ("…" if len(text) > _SHOWN else "")


def is_page(attempt: Attempt) -> bool:
    """Return whether an answer is a web page for people."""
    return _HTML.match(attempt.body[:_LOOKED_AT]) is not None


def says(body: str) -> Cause | None:
    """Return what the words of a 2xx say against it; None when they say nothing or that all is well."""
    text = _BLANKS.sub(" ", _NO_ERROR.sub(" ", body[:_LOOKED_AT]))
    if _NO_CLICK.search(text):
        return causes.CLICK_UNKNOWN
    if _DUPLICATE.search(text):
        return causes.SAYS_DUPLICATE
    return causes.SAYS_NO if _ERROR.search(text) else None


def _told(cause: Cause, facts: Facts, delivery: Delivery, attempt: Attempt) -> Diagnosis:
    told = {**about(facts, delivery, attempt), "words": words_of(attempt.body)}
    return cause.because(**told, location=attempt.header("location"), url=attempt.url)


def redirected(facts: Facts) -> Diagnosis | None:
    """The latest attempt was sent elsewhere."""
    for delivery, last in undelivered(facts):
        if last.error_kind != ErrorKind.REDIRECT:
            continue
        location = last.header("location")
        sent = last.url.partition("://")
        same = location.partition("://")[2].partition("/")[0].partition(":")[0].lower()
        host = sent[2].partition("/")[0].partition("?")[0].partition(":")[0].lower()
        if location.lower().startswith("https://") and sent[0].lower() == "http" and same == host:
            return _told(causes.TO_HTTPS, facts, delivery, last)
        return _told(causes.TO_LOGIN if _LOGIN.search(location) else causes.REDIRECTED, facts, delivery, last)
    return None


def refused(facts: Facts) -> Diagnosis | None:
    """The latest attempt was answered with a 4xx or 5xx."""
    for delivery, last in undelivered(facts):
        if last.error_kind == ErrorKind.STATUS and last.status is not None:
            return _told(_cause_of(last, last.status), facts, delivery, last)
    return None


def _cause_of(attempt: Attempt, status: int) -> Cause:
    text = attempt.body[:_LOOKED_AT]
    if status in _BLOCKABLE and is_page(attempt) and _FIREWALL.search(text):
        return causes.FIREWALL
    if not is_page(attempt) and _NO_CLICK.search(text):
        return causes.CLICK_UNKNOWN
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return causes.SERVER_ERROR if status >= 500 else causes.BAD_REQUEST  # noqa: PLR2004 - the classes of HTTP statuses


def fails_rule(facts: Facts) -> Diagnosis | None:
    """The latest attempt's words are not those that the postback wants."""
    for delivery, last in undelivered(facts):
        if last.error_kind == ErrorKind.BODY:
            cause = causes.CLICK_UNKNOWN if _NO_CLICK.search(last.body[:_LOOKED_AT]) else causes.BODY_RULE
            return _told(cause, facts, delivery, last)
    return None


def _delivered(facts: Facts) -> Iterator[tuple[Delivery, Attempt]]:
    for delivery in reversed(facts.deliveries):
        if delivery.state is DeliveryState.DELIVERED and delivery.last is not None:
            yield delivery, delivery.last


def says_no(facts: Facts) -> Diagnosis | None:
    """A 2xx whose words, or whose page, say that it was not counted."""
    for delivery, last in _delivered(facts):
        if is_page(last):
            login = _PASSWORD.search(last.body[:_LOOKED_AT])
            return _told(causes.TO_LOGIN if login else causes.HTML, facts, delivery, last)
        cause = says(last.body)
        if cause is not None:
            return _told(cause, facts, delivery, last)
    return None


def test_only(facts: Facts) -> Diagnosis | None:
    """All that was delivered is a test."""
    found = list(_delivered(facts))
    if not found or not all(delivery.test for delivery, _ in found):
        return None
    return _told(causes.TEST, facts, *found[0])


def delivered(facts: Facts) -> Diagnosis | None:
    """All is well on our side."""
    for delivery, last in _delivered(facts):
        if is_page(last) or says(last.body) is not None:
            continue
        told = about(facts, delivery, last)
        at = delivery.finished_at or last.started_at
        return causes.DELIVERED.because(**told, delivered_at=at, url=last.url, words=words_of(last.body))
    return None


RULES: Final[tuple[Rule, ...]] = (redirected, fails_rule, refused, says_no)
LAST: Final[tuple[Rule, ...]] = (test_only, delivered)
