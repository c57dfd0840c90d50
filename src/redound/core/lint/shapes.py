"""Findings, rows and translations as plain values: what the command line prints and the API answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redound.core.dialects import ours_for
from redound.core.lint.cells import canonical
from redound.core.macros import example_values
from redound.core.scan import Position
from redound.core.templates import Template, parse_template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redound.core.gallery import Tracker
    from redound.core.lint.engine import Finding
    from redound.core.parsing import Parsed, Row
    from redound.core.styles import Written
    from redound.core.translate import Translation

Values = dict[str, Any]
_PREFIX = "https://x.example/"


def finding_values(finding: Finding, language: str = "en") -> Values:
    """Return `{"code", "severity", "span", "message", "fix", "docs"}`."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "span": None if finding.span is None else list(finding.span),
        "message": finding.say(language),
        "fix": None if finding.fix is None else {"url": finding.fix},
        "docs": finding.docs,
    }


def lint_values(url: str, findings: Sequence[Finding], language: str = "en") -> Values:
    """Return `{"url", "findings": […]}`."""
    return {"url": url, "findings": [finding_values(finding, language) for finding in findings]}


def parse_values(
    parsed: Parsed, findings: Sequence[Finding] = (), real: Mapping[str, str] | None = None
) -> Values:
    """Return the parts and rows of a URL, each row with what would be sent for a sample conversion.

    `real` are the values of a stored conversion; without them nothing is said about a real one. What would
    be sent is None where the text would be refused.
    """
    sample = example_values()
    query = [row for row in parsed.rows if row.where == "query"]
    return {
        "url": parsed.text,
        "scheme": parsed.scheme,
        "host": parsed.host,
        "port": parsed.port or None,
        "path": parsed.of(parsed.path),
        "fragment": None if parsed.fragment is None else parsed.of(parsed.fragment)[1:],
        "rows": [
            {
                "where": row.where.value,
                "position": query.index(row) if row in query else None,
                "name": row.key,
                "value": row.value,
                "span": [row.start, row.end],
                "name_span": [row.start, row.name_end],
                "value_span": [row.value_start, row.end],
                "constant": row.constant,
                "macros": [_macro(macro) for macro in row.macros],
                "sample": sent(row, sample),
                "real": None if real is None else sent(row, real),
                "findings": [finding_values(each) for each in findings if _within(each, row)],
            }
            for row in parsed.rows
        ],
        "sample": whole(parsed.text, sample),
        "real": None if real is None else whole(parsed.text, real),
        "findings": [finding_values(each) for each in findings],
    }


def _macro(macro: Written) -> Values:
    return {
        "text": macro.text,
        "name": macro.name,
        "style": macro.style.value,
        "macro": canonical(macro),
        "meant": ours_for(macro),
        "span": [macro.start, macro.end],
    }


def _within(finding: Finding, row: Row) -> bool:
    return finding.span is not None and row.start <= finding.span[0] < max(row.end, row.start + 1)


def sent(row: Row, values: Mapping[str, str]) -> str | None:
    """Return what a row's value becomes, None when it would be refused."""
    if row.constant:
        return row.value
    prefix = _PREFIX if row.where == "path" else f"{_PREFIX}?x="
    template = parse_template(prefix + row.value, Position.URL)
    return template.render(values)[len(prefix) :] if isinstance(template, Template) else None


def whole(text: str, values: Mapping[str, str]) -> str | None:
    """Return what the URL becomes, None when it would be refused."""
    template = parse_template(text, Position.URL)
    return template.render(values) if isinstance(template, Template) else None


def translation_values(translation: Translation) -> Values:
    """Return `{"url", "unmapped", "platform", "candidates", "notes"}`."""
    return {
        "url": translation.url,
        "unmapped": list(translation.unmapped),
        "platform": translation.platform or None,
        "candidates": [
            {"platform": each.platform, "confidence": each.confidence} for each in translation.candidates
        ],
        "notes": list(translation.notes),
    }


def tracker_values(tracker: Tracker) -> Values:
    """Return an entry of the gallery."""
    return {
        "slug": tracker.slug,
        "name": tracker.name,
        "kind": tracker.kind,
        "base": tracker.base,
        "click_macro": tracker.click_macro or None,
        "click_param": tracker.click_param,
        "parameters": [
            {
                "name": each.name,
                "role": each.role.value,
                "meaning": each.meaning,
                "required": each.required,
                "sent": each.sent,
            }
            for each in tracker.parameters
        ],
        "status_words": dict(tracker.status_words),
        "notes": list(tracker.notes),
        "source": tracker.source,
    }
