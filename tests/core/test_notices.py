"""What a disable tells whom."""

from __future__ import annotations

import json

import pytest

from redound.core.deliveries import Health
from redound.core.notices import disabled_because

HEALTH = Health(
    "pbk_tracker",
    state="disabled",
    disabled_reason="attempts_exhausted",
    failed_attempts=25,
    last_response=json.dumps(
        {
            "status": 502,
            "body": "<b>Bad gateway</b>",
            "error": {"kind": "status", "detail": "It answered 502."},
        }
    ),
)


def test_alice_and_bob_are_told_with_reason_and_last_answer():
    """Both read why and what came back last; Alice also what to do. No body of the receiver's is quoted."""
    bob, alice = disabled_because(HEALTH, "manager"), disabled_because(HEALTH, "affiliate")
    for text in (bob, alice):
        assert "25 attempts" in text
        assert "status 502" in text
        assert "<b>" not in text
    assert "send a test" in alice
    assert "send a test" not in bob


@pytest.mark.parametrize("stored", ["", "nonsense", "[]"])
def test_without_a_readable_last_answer_the_reason_stands_alone(stored):
    """A health record from before answers were kept."""
    text = disabled_because(Health("pbk_tracker", disabled_reason="gone", last_response=stored), "manager")
    assert text.startswith("the receiver answered 410 Gone")
    assert "status" not in text
