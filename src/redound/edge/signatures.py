"""Signed reports: an advertiser's HMAC in headers, as an alternative to its token.

    X-Redound-Advertiser: adv_…
    X-Redound-Timestamp: seconds since the epoch
    X-Redound-Signature: hex HMAC-SHA256, by a signing secret, of
        timestamp LF method LF query LF body        (query and body as sent, empty when there is none)

The secret proves as much as the token does, and never travels. A timestamp more than five minutes away is
refused, and a signature that led to something before is a duplicate: identity keeps most replays from
counting, this keeps those of goals that count more than once. (Each edge knows its own; a txid holds
everywhere and for ever.)
"""

from __future__ import annotations

import hmac
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from redound.core.reports import Refusal, Verdict
from redound.vault import SealError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redound.core.catalog import Advertiser

SIGNATURE: Final = b"x-redound-signature"
ADVERTISER: Final = b"x-redound-advertiser"
TIMESTAMP: Final = b"x-redound-timestamp"
WINDOW_SECONDS: Final = 300
MOST_SEEN: Final = 200_000
"""Signatures remembered; beyond them the oldest are forgotten early."""
_MAX_DIGITS: Final = 12


class Signatures:
    """Checks signatures. `unseal` opens a stored secret: (sealed, place) → text; None: none can be opened."""

    def __init__(
        self, unseal: Callable[[str, str], str] | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._unseal = lru_cache(maxsize=1024)(unseal or _nothing_opens)
        self._clock = clock
        self._seen: dict[bytes, float] = {}

    def check(
        self,
        fields: Mapping[bytes, bytes],
        advertiser_of: Callable[[str], Advertiser | None],
        method: str,
        query: bytes,
        body: bytes,
    ) -> str | Refusal:
        """Return the secret that signed the request, or why the signature does not hold."""
        stamp = fields.get(TIMESTAMP, b"").strip()
        now = self._clock()
        if not stamp.isdigit() or len(stamp) > _MAX_DIGITS:
            return _bad("A signed report needs X-Redound-Timestamp: the seconds since 1970, as digits.")
        away = now - int(stamp)
        if abs(away) > WINDOW_SECONDS:
            return _bad(
                f"The timestamp is {abs(int(away))} seconds {'old' if away > 0 else 'ahead'}; "
                f"{WINDOW_SECONDS} are the most."
            )
        advertiser_id = fields.get(ADVERTISER, b"").strip().decode("latin-1")
        advertiser = advertiser_of(advertiser_id) if advertiser_id else None
        secret = ""
        given = fields[SIGNATURE].strip().lower()
        if advertiser is not None:
            signed = b"\n".join((stamp, method.encode(), query, body))
            for each in self._secrets(advertiser):
                if hmac.compare_digest(hmac.digest(each.encode(), signed, "sha256").hex().encode(), given):
                    secret = each
        if not secret:
            return _bad("The signature fits no signing secret of whom X-Redound-Advertiser names.")
        if not self._remember(given, now):
            return Refusal(Verdict.DUPLICATE, "This signed request came before, and counts once.")
        return secret

    def forget(self, fields: Mapping[bytes, bytes]) -> None:
        """Let a request that led to nothing come again as it is."""
        self._seen.pop(fields[SIGNATURE].strip().lower(), None)

    def _secrets(self, advertiser: Advertiser) -> list[str]:
        found = []
        for sealed in advertiser.signing_secrets:
            try:
                found.append(self._unseal(sealed, f"advertisers/{advertiser.id}/signing_secrets"))
            except SealError:
                continue  # sealed with a key that is gone: the other secret may still open
        return found

    def _remember(self, signature: bytes, now: float) -> bool:
        """Note a signature; False when it was noted lately. Timestamps may be early, so: twice the window."""
        until = self._seen.get(signature)
        if until is not None and until > now:
            return False
        self._seen.pop(signature, None)
        while self._seen:
            oldest = next(iter(self._seen))
            if self._seen[oldest] > now and len(self._seen) < MOST_SEEN:
                break
            del self._seen[oldest]
        self._seen[signature] = now + 2 * WINDOW_SECONDS
        return True


def _nothing_opens(_sealed: str, _place: str) -> str:
    raise SealError("This process holds no keys.")


def _bad(sentence: str) -> Refusal:
    return Refusal(Verdict.BAD_TOKEN, sentence)
