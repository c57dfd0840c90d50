"""`redound lint`, `parse` and `translate`: no database, machine forms as agreed, exit code 3 for errors."""

from __future__ import annotations

import json
import subprocess
import sys

FINE = "https://tracker.example.com/pb?cid={sub1}&payout={payout}&status={status}"
WRONG = "https://tracker.example.com/pb?cid={sub1}&amp;payout={payout}"


def redound(*words: str, stdin: bytes = b"", code: int = 0) -> str:
    """Standard output of a command that ends with this code."""
    command = [sys.executable, "-m", "redound", *words]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=60)
    assert done.returncode == code, done.stderr.decode()
    return done.stdout.decode()


def test_a_fine_url_ends_with_0():
    """Information is no error."""
    assert redound("lint", FINE).startswith(FINE)


def test_an_error_ends_with_3_and_shows_the_fix():
    """Alice reads code, place, sentence and the corrected URL."""
    out = redound("lint", WRONG, code=3)
    assert "html_entity" in out
    assert WRONG.replace("&amp;", "&") in out


def test_a_url_a_line_in_an_object_a_line_out():
    """The form that other programs read; an empty line is an empty URL."""
    text = f"{FINE}\n{WRONG}\r\n\n caf\xe9".encode("latin-1")
    lines = [
        json.loads(line) for line in redound("lint", "--json", "--stdin", stdin=text, code=3).splitlines()
    ]
    assert [line["url"] for line in lines] == [FINE, WRONG, "", " caf\ufffd"]
    assert {finding["severity"] for finding in lines[0]["findings"]} == {"info"}
    entity = lines[1]["findings"][0]
    assert set(entity) >= {"code", "severity", "span", "message", "fix"}
    assert (entity["code"], entity["severity"], entity["span"]) == ("html_entity", "error", [41, 46])
    assert entity["fix"] == {"url": WRONG.replace("&amp;", "&")}
    assert lines[2]["findings"][0]["code"] == "empty"
    assert lines[2]["findings"][0]["span"] is None


def test_the_context_comes_from_options():
    """Link, tracker, statuses and whose it is."""
    link = "https://go.example.net/c/ab12cd3?sub2={clickid}"
    assert "slot_mismatch" in redound("lint", "--link", link, FINE, code=3)
    assert "wrong_click_param" in redound("lint", "--tracker", "Keitaro", FINE, code=3)
    out = redound("lint", "--status", "approved,rejected", FINE.replace("&status={status}", ""))
    assert "warning\tmissing_status" in out
    assert "macro_not_visible" in redound("lint", "--affiliate", f"{FINE}&r={{revenue}}", code=3)


def test_the_sentences_come_in_russian():
    """Alice's colleague prefers it."""
    assert "Схема" in redound("lint", "--lang", "ru", f"https://{FINE}", code=3)


def test_usage_errors_end_with_2():
    """Nothing to lint, a tracker or platform that there is not."""
    assert redound("lint", code=2) == ""
    assert redound("lint", "--tracker", "nobody", FINE, code=2) == ""
    assert redound("translate", "--from", "nobody", FINE, code=2) == ""


def test_parse_shows_the_rows():
    """With what would be sent for the sample."""
    values = json.loads(redound("parse", "--json", FINE))
    assert [(row["name"], row["macros"][0]["macro"]) for row in values["rows"]] == [
        ("cid", "sub1"),
        ("payout", "payout"),
        ("status", "status"),
    ]
    assert values["rows"][1]["sample"] == "12.50"
    assert "payout" in redound("parse", FINE)


def test_translate_from_a_platform():
    """The agreed form: the URL and what has no counterpart."""
    url = "https://tracker.example.com/pb?cid=#s2#&payout=#price#&x=#nope#"
    values = json.loads(redound("translate", "--json", "--from", "cake", url))
    assert values["url"] == "https://tracker.example.com/pb?cid={sub2}&payout={payout}&x=#nope#"
    assert values["unmapped"] == ["#nope#"]


def test_translate_recognises_and_goes_the_other_way():
    """Without --from; and with --to from ours."""
    values = json.loads(redound("translate", "--json", "https://tracker.example.com/pb?cid={aff_sub}"))
    assert (values["platform"], values["url"]) == ("tune", "https://tracker.example.com/pb?cid={sub1}")
    assert (
        redound("translate", "--to", "cake", "https://tracker.example.com/pb?cid={sub2}")
        .strip()
        .endswith("#s2#")
    )
