"""The rules: each a small function over facts that finds one cause, or a few of one kind, or None.

To add one: a `Cause` in `causes`, listed in its module's `CAUSES`; a function here, listed in its module's
`RULES`; `order.py` has the order of all. The tests then ask for its page, its example and its journey.
"""

from __future__ import annotations

from collections.abc import Callable

from redound.core.trace.causes import Diagnosis
from redound.core.trace.facts import Facts

Rule = Callable[[Facts], Diagnosis | None]
