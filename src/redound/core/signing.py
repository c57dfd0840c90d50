"""Signatures of what we send: Standard Webhooks headers for POST, the macro `{sig}` for GET.

Both are HMAC-SHA256 with the postback's signing secret, `whsec_` and base64. How a receiver verifies them is
told in docs/macros.md, and tested there.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the mark of a secret, not one
SECRET_BYTES: Final = 32
MIN_SECRET_BYTES: Final = 16
SIG: Final = "sig"


def new_secret(random: bytes) -> str:
    """Return a signing secret made of (32) fresh random bytes."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def read_secret(secret: str) -> bytes | None:
    """Return the key of a signing secret with or without its prefix; None when it is none or is too short."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) >= MIN_SECRET_BYTES else None


def webhook_signature(key: bytes, delivery_id: str, timestamp: str, body: bytes) -> str:
    """Return the value of `webhook-signature`: `v1,` and base64, over id.timestamp.body."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def url_signature(key: bytes, delivery_id: str, target: str) -> str:
    """Return the value of `{sig}`: hex over `delivery_id.target`.

    `target` is path and query as they are sent, with nothing in place of the signature.
    """
    return hmac.digest(key, f"{delivery_id}.{target}".encode(), "sha256").hex()
