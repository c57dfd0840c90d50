"""`GET|POST /postback`: a report is read, made durable with all that follows from it, and answered.

Two steps, kept apart: judging cheaply what needs no database, and applying in batches. Every request is
kept, whatever is wrong with it, unless nothing can be kept at all: then the sender gets a 503 and the wish
to come again.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from time import perf_counter, time_ns
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from redound.core.bearings import token_digest
from redound.core.claims import ALIASES, MAX_PARAMETERS, mask, mask_body, read_claim
from redound.core.decisions import decide_report
from redound.core.profiles import OK, STANDARD, links_named
from redound.core.reports import HTTP_STATUSES, Claim, Incoming, Refusal, Verdict
from redound.edge.batches import Batcher, OverloadedError
from redound.edge.bodies import kind_of, split_body
from redound.edge.http import (
    JSON,
    NO_STORE,
    NOSNIFF,
    SANDBOX,
    TEXT,
    ClientGoneError,
    lines,
    not_allowed,
    peer_of,
    read_body,
    respond,
)
from redound.edge.query import BadQueryError, Pairs, split_pairs
from redound.edge.signatures import SIGNATURE, Signatures
from redound.logs import Ration, log
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from redound.core.conversions import Facts
    from redound.core.decisions import Decision, Mint
    from redound.core.deliveries import LeasedDelivery
    from redound.core.ids import ClickKeys
    from redound.edge.http import Header, Headers, Proxies, Receive, Scope, Send
    from redound.edge.metrics import Counters
    from redound.edge.protocol import Exchange
    from redound.edge.spill import Spill
    from redound.store.port import Handoff, Store
    from redound.store.snapshot import Snapshot

NO_CONTENT: Final = 204
TAKEN: Final = frozenset(verdict for verdict, status in HTTP_STATUSES.items() if status == OK)
"""Verdicts that tell a sender: done."""
MAX_QUERY = 16 * 1024
MAX_BODY = 64 * 1024
_KEYED = len("/postback/")
MAX_RETURN = 1024
"""Characters of `return=` that are echoed."""
MOST = 200
"""Reports in one transaction."""
BOUND = 10_000
"""Reports that may wait for their transaction before new ones are turned away."""


_VERDICT: Final = b"x-redound-verdict"


class Reply(NamedTuple):
    """An answer to a report; `headers` without the length."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    @property
    def taken(self) -> bool:
        """Whether the report led to something, or had done so before."""
        return any(name == _VERDICT and value.decode() in TAKEN for name, value in self.headers)

    def write(self, exchange: Exchange) -> None:
        """Answer on the direct lane."""
        exchange.answer(
            self.status, _lines(self.headers) + b"content-length: %d\r\n" % len(self.body), self.body
        )


_BUSY = Reply(
    503,
    (JSON, NO_STORE, (b"retry-after", b"1")),
    b'{"detail":"Nothing was stored; please send it again."}',
)
_NOTHING = Claim()
_VERDICTS: dict[Verdict, tuple[Header, ...]] = {
    verdict: (NO_STORE, NOSNIFF, (_VERDICT, verdict.encode())) for verdict in Verdict
}
_lines = lru_cache(maxsize=256)(lines)


class Intake:
    """Takes reports in.

    `deliver` gets what was leased for this process's worker, after the commit; `on_due` is told of
    deliveries that were not.
    """

    def __init__(
        self,
        store: Store,
        catalog: Snapshot,
        keys: ClickKeys,
        mint: Mint,
        proxies: Proxies,
        spill: Spill,
        counters: Counters,
        *,
        unseal: Callable[[str, str], str] | None = None,
        handoff: Callable[[], Handoff | None],
        deliver: Callable[[list[LeasedDelivery]], None],
        on_due: Callable[[], None],
        flights: int = 1,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._keys = keys
        self._mint = mint
        self._proxies = proxies
        self._spill = spill
        self._counters = counters
        self._handoff = handoff
        self._deliver = deliver
        self._on_due = on_due
        self._signatures = Signatures(unseal)
        self._ration = Ration()
        self.batcher: Batcher[Incoming, list[Decision]] = Batcher(
            self._commit, most=MOST, bound=BOUND, flights=flights
        )

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one report over ASGI."""
        body, whole, content_type = b"", True, ""
        headers: Headers = scope["headers"]
        fields = dict(headers)
        match scope["method"]:
            case "GET":
                pass
            case "POST":
                content_type = fields.get(b"content-type", b"")[:200].decode("latin-1")
                try:
                    body, whole = await read_body(receive, MAX_BODY)
                except ClientGoneError:
                    return
            case _:
                await not_allowed(send, b"GET, POST")
                return
        peer = peer_of(scope)
        query: bytes = scope["query_string"]
        signer: str | Refusal = ""
        if SIGNATURE in fields:
            signer = self._signatures.check(fields, self._catalog.advertiser, scope["method"], query, body)
        path = scope["path"]
        incoming, wanted = self._read(
            scope["method"], path, query, headers, peer, body, content_type, whole=whole, signer=signer
        )
        reply = await self._apply(incoming, wanted)
        if signer and not isinstance(signer, Refusal) and not reply.taken:
            self._signatures.forget(fields)
        await respond(send, reply.status, reply.headers, reply.body)

    def take(self, exchange: Exchange) -> bool:
        """Answer one report of the direct lane, a GET; False leaves a signed one to ASGI."""
        if SIGNATURE in exchange.fields:
            return False
        path = exchange.path.decode("ascii")
        incoming, wanted = self._read("GET", path, exchange.query, exchange.headers, exchange.peer)
        if self._not_yet_replayed(incoming):
            self._turn_away("click_not_replayed").write(exchange)
            return True
        try:
            batch = self.batcher.add(incoming)
        except OverloadedError as error:
            self.turn_away(error).write(exchange)
        else:
            batch.waiters.append(_Sender(self, exchange, len(batch.items) - 1, wanted))
        return True

    async def _apply(self, incoming: Incoming, wanted: str) -> Reply:
        if self._not_yet_replayed(incoming):
            return self._turn_away("click_not_replayed")
        try:
            batch = self.batcher.add(incoming)
            place = len(batch.items) - 1
            decisions = await batch.done
        except Exception as error:  # noqa: BLE001 - whatever it was, the sender must be answered
            return self.turn_away(error)
        return self.reply(decisions[place], wanted)

    async def from_browser(
        self, query: bytes, headers: Headers, peer: str, *, shows: bool
    ) -> tuple[Verdict | None, Sequence[str]]:
        """Apply what a pixel reports; return its verdict, None when it was not stored, and the HTML to show.

        `shows`: the browser is shown the HTML of the postbacks that fire.
        """
        incoming, _ = self._read("GET", "", query, headers, peer)
        if self._not_yet_replayed(incoming):
            self._turn_away("click_not_replayed")
            return None, ()
        try:
            batch = self.batcher.add(replace(incoming, shows=shows))
            place = len(batch.items) - 1
            decision = (await batch.done)[place]
        except Exception as error:  # noqa: BLE001 - whatever it was, the page must go on
            self.turn_away(error)
            return None, ()
        self.reply(decision, "")
        return decision.outcome.verdict, [each.shown for each in decision.deliveries if each.shown]

    def _not_yet_replayed(self, incoming: Incoming) -> bool:
        """Whether the click may still wait in the spill file: it would count as not found."""
        return self._spill.pending and self._spill.may_hold(incoming.claim.click_id)

    def _read(
        self,
        method: str,
        path: str,
        query: bytes,
        headers: Headers,
        peer: str,
        body: bytes = b"",
        content_type: str = "",
        *,
        whole: bool = True,
        signer: str | Refusal = "",
    ) -> tuple[Incoming, str]:
        """Return the report as it is kept, and the answer that its sender wants.

        `signer` is the secret that signed it: it proves what a token does.
        """
        path_key = path[_KEYED:].rstrip("/")
        kind = kind_of(body, content_type) if body else ""
        claim, refusal, wanted = _NOTHING, None, ""
        try:
            pairs = _pairs(query, body, kind, whole=whole)
        except BadQueryError as error:
            refusal = Refusal(Verdict.MALFORMED, f"The request cannot be read: {error}.")
        else:
            aliases = self._aliases(pairs, path_key or (signer if isinstance(signer, str) else ""))
            wanted = _wanted(pairs, aliases)
            read = read_claim(pairs, aliases, path_key=path_key)
            if isinstance(read, Refusal):
                refusal = read
            else:
                claim = read
        secrets = tuple({secret for secret in (claim.token, path_key) if secret})
        if refusal is not None and path_key:
            claim = Claim(token=path_key)  # whose it is can be told nevertheless
        if signer:
            if isinstance(signer, Refusal):
                refusal = refusal or signer
            else:
                claim = replace(claim, token=signer)
        incoming = Incoming(
            self._mint("rpt"),
            time_ns() // 1_000_000,
            method,
            mask(_legible(query[:MAX_QUERY]), secrets) if query else "",
            mask_body(_legible(body), kind, secrets) if body else "",
            content_type,
            self._proxies.address(peer, headers),
            claim,
            refusal,
        )
        return incoming, wanted

    def _aliases(self, pairs: Pairs, credential: str) -> Mapping[str, str]:
        """Return the parameter names to read by: of whom the credential or the click leads to."""
        catalog = self._catalog
        if not catalog.own_names:
            return ALIASES
        credential = credential or next((value for name, value in pairs if name.lower() == "token"), "")
        owner = catalog.advertiser_by_token(token_digest(credential)) if credential else None
        for number in links_named(pairs, self._keys) if owner is None else ():
            link = catalog.links_by_number.get(number)
            offer = catalog.offer(link.offer_id) if link is not None else None
            owner = catalog.advertiser(offer.advertiser_id) if offer is not None else None
        return owner.profile.aliases if owner is not None else ALIASES

    async def _commit(self, incoming: list[Incoming]) -> list[Decision]:
        started = perf_counter()
        decisions, leased = await self._store.apply_reports(incoming, self._decide, self._handoff)
        self._counters.report_commits.observe(perf_counter() - started)
        if leased:
            self._deliver(leased)
        if sum(len(decision.deliveries) for decision in decisions) > len(leased):
            self._on_due()
        return decisions

    def _decide(self, incoming: Incoming, facts: Facts) -> Decision:
        return decide_report(incoming, facts, self._catalog, self._keys, self._mint)

    def reply(self, decision: Decision, wanted: str) -> Reply:
        """Return the verdict's answer; the body that the sender wanted only when the report was taken."""
        outcome, incoming = decision.outcome, decision.incoming
        verdict = outcome.verdict
        conversion_id = outcome.conversion_id if isinstance(outcome, Refusal) else outcome.conversion.id
        self._counters.reports[verdict] += 1
        if self._ration.allows(incoming.received_at):
            log.info(
                "report.applied",
                report_id=incoming.report_id,
                verdict=verdict,
                click_id=decision.click_id,
                conversion_id=conversion_id,
                advertiser_id=decision.advertiser_id,
                offer_id=decision.offer_id,
                affiliate_id=decision.affiliate_id,
                deliveries=len(decision.deliveries),
                ip=incoming.ip,
                held_back=self._ration.take_held_back(),
            )
        advertiser = self._catalog.advertiser(decision.advertiser_id)
        profile = advertiser.profile if advertiser is not None else STANDARD
        status = profile.http_status(verdict)
        if status == NO_CONTENT:
            return Reply(status, _VERDICTS[verdict], b"")
        if verdict in TAKEN and (wanted or profile.answer):
            return Reply(status, (TEXT, SANDBOX, *_VERDICTS[verdict]), (wanted or profile.answer).encode())
        answer = {
            "verdict": verdict,
            "report_id": incoming.report_id,
            "click_id": decision.click_id or None,
            "conversion_id": conversion_id or None,
            "detail": outcome.detail,
        }
        return Reply(status, (JSON, *_VERDICTS[verdict]), orjson.dumps(answer))

    def turn_away(self, error: BaseException) -> Reply:
        """Return the answer to a report that was not stored."""
        match error:
            case OverloadedError():
                return self._turn_away("overloaded")
            case StoreUnavailableError():
                return self._turn_away("store_away")
            case _:
                self._counters.failures["reports"] += 1
                if self._ration.allows():
                    log.error("report.failed", exc_info=error)
                return self._turn_away("store_failed")

    def _turn_away(self, why: str) -> Reply:
        self._counters.shed[why] += 1
        return _BUSY


class _Sender:
    """The sender of a report on the direct lane, waiting for the verdict on it."""

    __slots__ = ("_exchange", "_intake", "_place", "_wanted")

    def __init__(self, intake: Intake, exchange: Exchange, place: int, wanted: str) -> None:
        self._intake = intake
        self._exchange = exchange
        self._place = place
        self._wanted = wanted

    def settle(self, decisions: list[Decision]) -> None:
        self._intake.reply(decisions[self._place], self._wanted).write(self._exchange)

    def fail(self, error: BaseException) -> None:
        self._intake.turn_away(error).write(self._exchange)


def _pairs(raw_query: bytes, body: bytes, kind: str, *, whole: bool) -> Pairs:
    """Return the parameters of query and body together. Raises BadQueryError."""
    if len(raw_query) > MAX_QUERY:
        raise BadQueryError(f"a query of more than {MAX_QUERY} bytes")
    if not whole:
        raise BadQueryError(f"a body of more than {MAX_BODY} bytes, or one that did not end")
    pairs = split_pairs(raw_query, MAX_PARAMETERS)
    return pairs + split_body(body, kind, MAX_PARAMETERS) if body else pairs


def _wanted(pairs: Pairs, aliases: Mapping[str, str]) -> str:
    for name, value in pairs:
        if name == "return" or (aliases is not ALIASES and aliases.get(name.lower()) == "return"):
            return value[:MAX_RETURN]
    return ""


def _legible(raw: bytes) -> str:
    """Return text for what came: bytes that are not UTF-8 as escapes."""
    return raw.decode(errors="backslashreplace")
