"""From a postback and frozen values to the request that goes out, and to what of it is stored.

A postback is compiled once for each edit; building a request is then a hot path of a few µs. Whatever the
values are, they can add neither a parameter nor a header, and they reach the receiver exactly.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from redound.core.catalog import Method
from redound.core.deliveries import SentRequest
from redound.core.encoding import form, json_string, query
from redound.core.signing import SIG, read_secret, url_signature, webhook_signature
from redound.core.templates import Position, Template, join, literal, parse_template
from redound.core.validation import Problem, template_problems, validate_postback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from redound.core.catalog import Auth, Pair, Postback

    Headers = tuple[tuple[str, str], ...]
    Unseal = Callable[[str, str], str]
    """(field, sealed) → text. Fields: `params.NAME`, `headers.NAME`, `auth.password`, `auth.token`,
    `signing_secret`."""

__all__ = [
    "CannotCompileError",
    "CompiledPostback",
    "OutboundRequest",
    "Problem",
    "build",
    "compile_postback",
    "validate_postback",
]

VERSION: Final = "0.1.0"
USER_AGENT: Final = f"Redound/{VERSION}"
MASK: Final = "••••"
"""What is stored and shown in place of a secret."""

_ORIGIN = re.compile(r"[^:]+://[^/?#]*")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_ALWAYS_SECRET = frozenset(("authorization",))


class CannotCompileError(ValueError):
    """A stored postback breaks a rule, perhaps one newer than it; `problems` say which."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Take the problems; the first one is the message."""
        super().__init__(f"{problems[0].pointer}: {problems[0].message}")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """One request, complete but for what belongs to the connection (Host, lengths, encodings).

    `url` is as it goes out, without fragment. `masked` is the same with secrets hidden, for storing.
    """

    method: str
    url: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    masked: SentRequest


@dataclass(frozen=True, slots=True)
class Shape:
    """The templates of a request. `dynamic` are the headers that hold macros."""

    url: Template
    headers: Headers
    dynamic: tuple[tuple[str, Template], ...]
    body: Template


@dataclass(frozen=True, slots=True)
class CompiledPostback:
    """A postback ready to send. `masked` is its shape with secrets hidden, None when it has none.

    `target_at` is where path and query begin in the URL. `key` is None unless there is something to sign.
    """

    postback_id: str
    method: str
    shape: Shape = field(repr=False)
    masked: Shape | None
    target_at: int
    key: bytes | None = field(repr=False)


def compile_postback(postback: Postback, unseal: Unseal) -> CompiledPostback:
    """Open the secrets and compile all templates. CannotCompileError (a ValueError) when a rule is broken."""
    opened = _opened(postback, unseal)
    problems = template_problems(opened)
    key = read_secret(opened.signing_secret) if opened.sign else None
    if opened.sign and key is None:
        problems.append(Problem("/sign", "bad_signing_secret", "The stored signing secret cannot be read."))
    if problems:
        raise CannotCompileError(problems)
    shape = _shape(opened, hide=False)
    get = postback.method is Method.GET
    has_secrets = postback.auth.type != "none" or any(map(_is_secret, (*postback.params, *postback.headers)))
    return CompiledPostback(
        postback_id=postback.id,
        method="GET" if get else "POST",
        shape=shape,
        masked=_shape(opened, hide=True) if has_secrets else None,
        target_at=_origin_end(opened.url),
        key=None if get and SIG not in shape.url.names else key,
    )


def build(
    compiled: CompiledPostback,
    values: Mapping[str, str],
    delivery_id: str,
    attempt: int,
    now_ms: int,
    random: str,
) -> OutboundRequest:
    """Render one attempt (the first is 1). `random` is the value of `{random}`."""
    timestamp = str(now_ms // 1000)
    known = {
        **values,
        "postback_id": compiled.postback_id,
        "delivery_id": delivery_id,
        "attempt": str(attempt),
        "timestamp": timestamp,
        "random": random,
    }
    shape = compiled.shape
    url = shape.url.render(known)
    body = shape.body.render(known)
    content = body.encode()
    ids: Headers = (("webhook-id", delivery_id), ("Idempotency-Key", delivery_id))
    if compiled.key is not None:
        if compiled.method == "POST":
            signature = webhook_signature(compiled.key, delivery_id, timestamp, content)
            ids = (*ids, ("webhook-timestamp", timestamp), ("webhook-signature", signature))
        else:
            known[SIG] = url_signature(compiled.key, delivery_id, url[compiled.target_at :])
            url = shape.url.render(known)
    headers = _headers(shape, known) + ids
    hidden = compiled.masked
    if hidden is None:
        masked = SentRequest(compiled.method, url, headers, body)
    else:
        shown = _headers(hidden, known) + ids
        masked = SentRequest(compiled.method, hidden.url.render(known), shown, hidden.body.render(known))
    return OutboundRequest(compiled.method, url, headers, content, masked)


def _headers(shape: Shape, values: Mapping[str, str]) -> Headers:
    if not shape.dynamic:
        return shape.headers
    return (*shape.headers, *[(name, template.render(values).strip(" ")) for name, template in shape.dynamic])


def _opened(postback: Postback, unseal: Unseal) -> Postback:
    """Return the postback with its secrets in the clear, and with the `/` that a bare host is asked for."""
    auth = postback.auth
    end = _origin_end(postback.url)
    slash = "" if postback.url[end : end + 1] == "/" else "/"
    return replace(
        postback,
        url=postback.url[:end] + slash + postback.url[end:],
        params=_opened_pairs("params", postback.params, unseal),
        headers=_opened_pairs("headers", postback.headers, unseal),
        auth=replace(
            auth,
            password=unseal("auth.password", auth.password) if auth.password else "",
            token=unseal("auth.token", auth.token) if auth.token else "",
        ),
        signing_secret=unseal("signing_secret", postback.signing_secret) if postback.sign else "",
    )


def _opened_pairs(noun: str, pairs: tuple[Pair, ...], unseal: Unseal) -> tuple[Pair, ...]:
    return tuple(
        replace(pair, value=unseal(f"{noun}.{pair.name}", pair.value)) if pair.secret and pair.value else pair
        for pair in pairs
    )


def _is_secret(pair: Pair) -> bool:
    return pair.secret or pair.name.lower() in _ALWAYS_SECRET


def _shape(postback: Postback, *, hide: bool) -> Shape:
    """Compile the templates of a postback that keeps all rules; `hide` puts MASK in place of secrets."""
    url = _as_sent(_parsed(postback.url, Position.URL))
    headers, dynamic = _header_templates(postback, hide=hide)
    body = literal("")
    match postback.method:
        case Method.GET:
            url = join([url, *_pairs(postback.params, Position.QUERY_VALUE, hide=hide, first=_joint(url))])
        case Method.POST_FORM:
            body = join(_pairs(postback.params, Position.FORM_VALUE, hide=hide))
        case Method.POST_JSON if postback.body:
            body = _parsed(postback.body, Position.JSON_BODY)
        case Method.POST_JSON:
            body = join(_json_pairs(postback.params, hide=hide))
    return Shape(url, headers, dynamic, body)


def _parsed(text: str, position: Position) -> Template:
    template = parse_template(text, position)
    if isinstance(template, list):
        raise CannotCompileError([Problem("", error.code, error.message) for error in template])
    return template


def _as_sent(url: Template) -> Template:
    """Return the URL as it goes on the wire: other scripts percent-encoded, and without a fragment.

    No macro stands before the path or after `#`: the origin begins the first literal, the fragment ends the
    last one.
    """
    first = url.skeleton[0]
    end = _origin_end(first)
    pieces = [
        _NOT_ASCII.sub(lambda found: query(found[0]), piece) for piece in (first[end:], *url.skeleton[1:])
    ]
    pieces[0] = first[:end] + pieces[0]
    pieces[-1] = pieces[-1].partition("#")[0]
    return replace(url, skeleton=tuple(pieces))


def _origin_end(url: str) -> int:
    """Return where path and query begin."""
    origin = _ORIGIN.match(url)
    return origin.end() if origin else len(url)


def _joint(url: Template) -> str:
    """Return what goes between the URL and the parameters appended to it."""
    if not any("?" in piece for piece in url.skeleton):
        return "?"
    return "" if url.skeleton[-1].endswith(("?", "&")) else "&"


def _pairs(pairs: tuple[Pair, ...], position: Position, *, hide: bool, first: str = "") -> list[Template]:
    encode = form if position is Position.FORM_VALUE else query
    templates = []
    for number, pair in enumerate(pairs):
        templates.append(literal(f"{'&' if number else first}{encode(pair.name)}="))
        templates.append(_value(pair, position, hide=hide))
    return templates


def _json_pairs(pairs: tuple[Pair, ...], *, hide: bool) -> list[Template]:
    """Return the templates of a JSON object in which every value is a string."""
    templates = [literal("{")]
    for number, pair in enumerate(pairs):
        templates.append(literal(f'{"," if number else ""}{json_string(pair.name)}:"'))
        templates.append(_value(pair, Position.JSON_VALUE, hide=hide))
        templates.append(literal('"'))
    return [*templates, literal("}")]


def _value(pair: Pair, position: Position, *, hide: bool) -> Template:
    return literal(MASK) if hide and _is_secret(pair) else _parsed(pair.value, position)


def _header_templates(postback: Postback, *, hide: bool) -> tuple[Headers, tuple[tuple[str, Template], ...]]:
    """Return the headers without macros, rendered, and those with macros."""
    given = {pair.name.lower() for pair in postback.headers}
    ours = [("User-Agent", USER_AGENT), ("Accept", "*/*")]
    if postback.method is Method.POST_FORM:
        ours.append(("Content-Type", "application/x-www-form-urlencoded"))
    elif postback.method is Method.POST_JSON:
        ours.append(("Content-Type", "application/json"))
    fixed = [(name, value) for name, value in ours if name.lower() not in given]
    fixed += _auth_headers(postback.auth, hide=hide)
    dynamic = []
    for pair in postback.headers:
        template = _value(pair, Position.HEADER, hide=hide)
        if template.slots:
            dynamic.append((pair.name, template))
        else:
            fixed.append((pair.name, template.render({}).strip(" ")))
    return tuple(fixed), tuple(dynamic)


def _auth_headers(auth: Auth, *, hide: bool) -> list[tuple[str, str]]:
    match auth.type:
        case "basic":
            credentials = b64encode(f"{auth.login}:{auth.password}".encode()).decode()
            return [("Authorization", f"Basic {MASK if hide else credentials}")]
        case "bearer":
            return [("Authorization", f"Bearer {MASK if hide else auth.token}")]
        case "header":
            return [(auth.name, MASK if hide else auth.token)]
        case _:
            return []
