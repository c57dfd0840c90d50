"""What an authenticator app shows (RFC 6238), worked out here and not by the library that checks it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time


def code(secret: str, at: float | None = None) -> str:
    """Return the six digits of a secret at a moment, now without one."""
    counter = int(time.time() if at is None else at) // 30
    digest = hmac.digest(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1)
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"
