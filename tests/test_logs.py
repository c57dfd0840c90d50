"""What the operator reads."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest
import structlog

from redound import logs


@pytest.fixture
def lines(monkeypatch):
    """Configure logging onto a buffer; the function returns what was written, parsed."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    before = root.handlers[:], root.level, structlog.get_config()
    logs.configure("INFO", terminal=False)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], level, config = before[0], before[1], before[2]
    root.setLevel(level)
    structlog.configure(**config)


def test_a_unit_of_work_is_one_line_of_json(lines):
    """With its level, its time and everything that was said."""
    logs.log.info("report.applied", report_id="rpt_1", verdict="accepted", deliveries=2)
    (line,) = lines()
    assert line["event"] == "report.applied"
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")
    assert (line["report_id"], line["verdict"], line["deliveries"]) == ("rpt_1", "accepted", 2)


def test_below_the_level_nothing_is_written(lines):
    """INFO is the default."""
    logs.log.debug("detail")
    assert lines() == []


@pytest.mark.parametrize(
    "name", ["token", "api_key", "Authorization", "password", "secret_key", "set_cookie"]
)
def test_a_value_with_a_secrets_name_is_masked(lines, name):
    """Whatever it is."""
    logs.log.info("x", **{name: "s3cr3t-value"})
    assert "s3cr3t-value" not in json.dumps(lines())


@pytest.mark.parametrize("text", ["key rdk_abcDEF123-_x was used", "Authorization: Bearer abcdefgh12345678"])
def test_what_looks_like_a_secret_is_masked_in_any_value(lines, text):
    """API keys and credentials inside sentences."""
    logs.log.info("x", detail=text)
    (line,) = lines()
    assert "***" in line["detail"]
    assert "abc" not in line["detail"]


def test_an_exception_is_part_of_its_line(lines):
    """One line, not twenty."""
    try:
        int("unforeseen")
    except ValueError:
        logs.log.exception("report.failed")
    (line,) = lines()
    assert "ValueError: invalid literal" in line["exception"]


def test_libraries_write_in_the_same_form(lines):
    """Django's errors, for example; uvicorn's remarks on strangers not at all."""
    logging.getLogger("django.request").error("Internal Server Error: %s", "/manage/")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    (line,) = lines()
    assert line["event"] == "Internal Server Error: /manage/"
    assert (line["logger"], line["level"]) == ("django.request", "error")


def test_a_ration_lets_so_many_a_second_through_and_counts_the_rest():
    """The next line that passes tells how many were held back."""
    ration = logs.Ration(3)
    assert [ration.allows(1000 + number) for number in range(5)] == [True, True, True, False, False]
    assert ration.allows(2000)
    assert ration.take_held_back() == 2
    assert ration.take_held_back() == 0


def test_a_ration_survives_a_clock_that_is_set_back():
    """Otherwise it would be silent until the old time comes again."""
    ration = logs.Ration(1)
    assert ration.allows(10_000)
    assert not ration.allows(10_001)
    assert ration.allows(5_000)
