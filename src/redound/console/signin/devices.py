"""What a browser says of itself, in as many words as people want to read."""

from __future__ import annotations

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("YaBrowser", "Yandex"), ("Firefox", "Firefox"))
CHROMIUM = (("Chrome", "Chrome"), ("Safari", "Safari"))
"""Looked for after the others, which also say that they are these."""
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Macintosh", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def in_words(agent: str) -> str:
    """Return for example "Firefox, Windows"; the agent as it is when it is none that we know."""
    browser = next((name for mark, name in (*BROWSERS, *CHROMIUM) if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (browser, system))) or agent
