"""Who was seen lately: the duplicate rule for clicks that are paid for each (CPC)."""

from __future__ import annotations

MOST = 250_000


class RecentVisitors:
    """Remembers visitors of a link for `window_ms`, in this process's memory.

    Two generations, of which the older is dropped whole: at most twice `most` visitors are known, so a flood
    beyond that within one window is forgotten early. Several edges each know their own visitors only, and a
    restart forgets all: the rule saves an advertiser from double clicks, it is no proof.
    """

    __slots__ = ("_most", "_old", "_since", "_window_ms", "_young")

    def __init__(self, window_ms: int, most: int = MOST) -> None:
        self._window_ms = window_ms
        self._most = most
        self._young: dict[int, int] = {}
        self._old: dict[int, int] = {}
        self._since = 0

    def is_repeat(self, link_id: str, ip: str, user_agent: str, now_ms: int) -> bool:
        """Whether this visitor's last counted click on the link is within the window.

        If not, this one counts. A repeat does not prolong the window.
        """
        if not self._window_ms:
            return False
        if now_ms - self._since >= self._window_ms or len(self._young) >= self._most:
            self._old, self._young, self._since = self._young, {}, now_ms
        key = hash((link_id, ip, user_agent))
        seen_at = self._young.get(key) or self._old.get(key)
        if seen_at is not None and now_ms - seen_at < self._window_ms:
            return True
        self._young[key] = now_ms
        return False
