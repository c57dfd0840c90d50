"""Sessions at rest: what a session holds is sealed under the vault.

A session may hold the secret of a second factor that is being set up, or a form that waits for a password;
in a copy of the database neither can be read.
"""

from __future__ import annotations

import json
from typing import Any

from redound.console import runtime

PLACE = "sessions//data"


class SealedSerializer:
    """Django's interface of session serializers, over JSON."""

    def dumps(self, obj: Any) -> bytes:
        """Return a session's values, sealed."""
        return runtime.vault().seal(json.dumps(obj, separators=(",", ":")), PLACE).encode()

    def loads(self, data: bytes) -> Any:
        """Return the values; SealError when they do not open, which Django takes for no session."""
        return json.loads(runtime.vault().unseal(data.decode(), PLACE))
