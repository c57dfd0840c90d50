"""What is wrong with a postback's request, field by field: a pointer, a code and a sentence for each problem.

The same rules are checked when a postback is saved and when it is compiled for sending.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from redound.core import headers
from redound.core.addresses import Refusal
from redound.core.catalog import Event, Method
from redound.core.macros import MANAGER_ONLY
from redound.core.scan import Part, Position
from redound.core.signing import SIG
from redound.core.targets import check_url
from redound.core.templates import Template, parse_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redound.core.addresses import Network
    from redound.core.catalog import Auth, Pair, Postback

MAX_PAIRS: Final = 50
"""Parameters, and headers, of one postback."""
AUTH_TYPES: Final = ("none", "basic", "bearer", "header")

_UNFIT_TOKEN = re.compile(r"[^\x21-\x7e]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `pointer` is a JSON Pointer into the postback as the API has it.

    `start` and `end` are the characters concerned, `suggestions` macros to use instead, where there are any.
    """

    pointer: str
    code: str
    message: str
    start: int | None = None
    end: int | None = None
    suggestions: tuple[str, ...] = ()


def validate_postback(postback: Postback, allowed: Sequence[Network] = ()) -> list[Problem]:
    """Return all that is wrong with what a postback sends and where to; an empty list when nothing is.

    Secret values are checked as given: in the clear when they are new, sealed ones pass. Who owns it decides
    which macros it may use: an affiliate's postback has an `affiliate_id`. `allowed` are the networks that
    the operator allows receivers in.
    """
    problems = template_problems(postback)
    if postback.delivery == "html" or any(problem.pointer == "/url" for problem in problems):
        return problems
    template = parse_template(postback.url, Position.URL)
    if isinstance(template, Template):
        refusal = check_url(_with_values(postback.url, template), allowed)
        if isinstance(refusal, Refusal):
            problems.insert(0, Problem("/url", refusal.code, refusal.sentence))
    return problems


def template_problems(postback: Postback) -> list[Problem]:
    """Return what is wrong with the request itself, wherever it goes."""
    if postback.delivery == "html":
        return [*_pixel(postback)]
    return [
        *_template("/url", postback.url, Position.URL, postback),
        *_params(postback),
        *_headers(postback),
        *_body(postback),
        *_auth(postback.auth, postback.headers),
    ]


def _with_values(text: str, template: Template) -> str:
    """Return the text with `x` for each macro, since what stands in braces is no part of the URL."""
    pieces, at = [], 0
    for use in template.uses:
        pieces += [text[at : use.start], "x"]
        at = use.end
    return "".join([*pieces, text[at:]])


def _template(pointer: str, text: str, position: Position, postback: Postback) -> Iterator[Problem]:
    template = parse_template(text, position)
    if isinstance(template, list):
        for error in template:
            yield Problem(pointer, error.code, error.message, error.start, error.end, error.suggestions)
        return
    for use in template.uses:
        if use.name in MANAGER_ONLY and postback.affiliate_id is not None:
            sentence = f"{{{use.name}}} is the manager's: an affiliate's postback cannot send it."
            yield Problem(pointer, "macro_not_visible", sentence, use.start, use.end)
        if use.part is Part.FRAGMENT:
            sentence = "What follows # is never sent to a server."
            yield Problem(pointer, "macro_in_fragment", sentence, use.start, use.end)
        if use.name == SIG:
            sentence = _signature_problem(postback, position, plain=not use.modifiers)
            if sentence:
                yield Problem(pointer, "bad_signature_macro", sentence, use.start, use.end)


def _signature_problem(postback: Postback, position: Position, *, plain: bool) -> str:
    if not postback.sign:
        return "{sig} needs a signing secret: switch signing on."
    if postback.method is not Method.GET:
        return "{sig} is for GET; a POST request is signed in its headers."
    if position not in {Position.URL, Position.QUERY_VALUE}:
        return "{sig} stands in the URL or its parameters."
    return "" if plain else "{sig} takes no modifiers."


def _params(postback: Postback) -> Iterator[Problem]:
    position = _PARAM_POSITIONS[postback.method]
    if len(postback.params) > MAX_PAIRS:
        yield Problem("/params", "too_many", f"There may be {MAX_PAIRS} parameters at most.")
        return
    seen: set[str] = set()
    for index, pair in enumerate(postback.params):
        pointer = f"/params/{index}"
        if not pair.name or _CONTROL.search(pair.name) or not pair.name.isprintable():
            yield Problem(f"{pointer}/name", "bad_param_name", "A parameter needs a name, in one line.")
        elif "{" in pair.name or "}" in pair.name:
            sentence = "A parameter's name is sent as it is: macros stand in values only."
            yield Problem(f"{pointer}/name", "macro_in_name", sentence)
        elif pair.name in seen and postback.method is Method.POST_JSON:
            sentence = f"There is another parameter {pair.name!r}; in a JSON object each name stands once."
            yield Problem(f"{pointer}/name", "duplicate_param", sentence)
        seen.add(pair.name)
        yield from _template(f"{pointer}/value", pair.value, position, postback)


_PARAM_POSITIONS: Final = {
    Method.GET: Position.QUERY_VALUE,
    Method.POST_FORM: Position.FORM_VALUE,
    Method.POST_JSON: Position.JSON_VALUE,
}


def _headers(postback: Postback) -> Iterator[Problem]:
    if len(postback.headers) > MAX_PAIRS:
        yield Problem("/headers", "too_many", f"There may be {MAX_PAIRS} headers at most.")
        return
    seen: set[str] = set()
    for index, pair in enumerate(postback.headers):
        name = f"/headers/{index}/name"
        found = headers.name_problem(pair.name)
        if found is not None:
            yield Problem(name, *found)
        elif pair.name.lower() in seen:
            yield Problem(name, "duplicate_header", f"There is another header {pair.name}.")
        seen.add(pair.name.lower())
        found = headers.value_problem(pair.value)
        if found is not None:
            yield Problem(f"/headers/{index}/value", *found)
            continue
        yield from _template(f"/headers/{index}/value", pair.value, Position.HEADER, postback)


def _body(postback: Postback) -> Iterator[Problem]:
    if not postback.body:
        return
    if postback.method is not Method.POST_JSON:
        yield Problem("/body", "body_not_sent", f"{postback.method} sends no body template; use POST_JSON.")
    elif postback.params:
        sentence = "Give either parameters or a body template: both would be the body."
        yield Problem("/body", "body_and_params", sentence)
    else:
        yield from _template("/body", postback.body, Position.JSON_BODY, postback)


def _pixel(postback: Postback) -> Iterator[Problem]:
    """A pixel is its HTML and nothing else: nothing is requested from here."""
    if postback.event is not Event.CONVERSION:
        yield Problem("/event", "not_for_pixels", "A pixel is shown at a conversion, not at a click.")
    if postback.delay_seconds:
        yield Problem("/delay_seconds", "not_for_pixels", "A pixel is shown at once, or never.")
    unused = {
        "/url": postback.url,
        "/params": postback.params,
        "/headers": postback.headers,
        "/auth": postback.auth.type != "none",
        "/sign": postback.sign,
    }
    for pointer, given in unused.items():
        if given:
            sentence = "A pixel has no request of ours. Empty this field and write the HTML into body."
            yield Problem(pointer, "not_for_pixels", sentence)
    if not postback.body.strip():
        yield Problem("/body", "body_missing", "A pixel needs its HTML: write it into body.")
    else:
        yield from _template("/body", postback.body, Position.HTML, postback)


def _auth(auth: Auth, given: Sequence[Pair]) -> Iterator[Problem]:
    taken = {pair.name.lower() for pair in given}
    match auth.type:
        case "none":
            return
        case "basic":
            if not auth.login or ":" in auth.login or _CONTROL.search(auth.login):
                yield Problem("/auth/login", "bad_login", "Basic auth needs a login, without a colon.")
            if _CONTROL.search(auth.password):
                yield Problem(
                    "/auth/password", "bad_password", "The password cannot hold control characters."
                )
        case "bearer":
            yield from _token(auth.token)
        case "header":
            found = headers.value_problem(auth.token)
            if found is not None or not auth.token.strip():
                yield Problem("/auth/token", *(found or ("bad_token", "The header needs a value.")))
            found = headers.name_problem(auth.name)
            if found is not None:
                yield Problem("/auth/name", *found)
            elif auth.name.lower() in taken:
                yield Problem("/auth/name", "duplicate_header", f"There is another header {auth.name}.")
        case _:
            yield Problem("/auth/type", "bad_auth_type", f"Auth is one of {', '.join(AUTH_TYPES)}.")
    if auth.type in {"basic", "bearer"} and "authorization" in taken:
        yield Problem("/auth", "duplicate_header", "There is a header Authorization besides the auth.")


def _token(token: str) -> Iterator[Problem]:
    if not token or _UNFIT_TOKEN.search(token):
        yield Problem("/auth/token", "bad_token", "A token consists of printable characters, without blanks.")
