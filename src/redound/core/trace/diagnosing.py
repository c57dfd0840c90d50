"""Diagnosing: all rules over the facts, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redound.core.trace.facts import narrowed
from redound.core.trace.order import ORDER

if TYPE_CHECKING:
    from redound.core.trace.causes import Diagnosis
    from redound.core.trace.facts import Facts


def diagnose(facts: Facts) -> list[Diagnosis]:
    """Return the causes that were found, the likeliest first, each once; empty when nothing is amiss."""
    asked_about = narrowed(facts)
    found: dict[str, Diagnosis] = {}
    for rule in ORDER:
        diagnosis = rule(asked_about)
        if diagnosis is not None:
            found.setdefault(diagnosis.code, diagnosis)
    return list(found.values())
