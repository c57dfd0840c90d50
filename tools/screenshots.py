"""Pictures of the portals' main pages for the README, made from `redound demo`.

python -m tools.screenshots [FOLDER]     docs/img without one

Starts the demo, waits until there is something of everything, signs in as its manager and its affiliate in
Debian's chromium, and photographs each page. Nothing but this machine is involved.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
WIDE, PHONE = {"width": 1360, "height": 850}, {"width": 390, "height": 800}
WARM_UP_SECONDS = 75
"""So long the demo runs before it is photographed: statistics are some seconds behind."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture. `open_first` follows the first row of a list into its drawer."""

    name: str
    who: str
    path: str
    dark: bool = False
    russian: bool = False
    phone: bool = False
    open_first: bool = False
    prepare: str = ""


SHOTS = (
    Shot("overview", "affiliate", "/"),
    Shot("overview-dark", "affiliate", "/", dark=True),
    Shot("editor", "affiliate", "/postbacks/new/", prepare="keitaro"),
    Shot("delivery-log", "affiliate", "/deliveries/", open_first=True),
    Shot("delivery-log-phone", "affiliate", "/deliveries/", phone=True),
    Shot("delivery-log-russian", "affiliate", "/deliveries/", russian=True),
    Shot("trace", "affiliate", "/trace/", prepare="trace"),
    Shot("manager-overview", "manager", "/manage/"),
    Shot("manager-conversions", "manager", "/manage/conversions/"),
    Shot("received", "manager", "/manage/received/"),
    Shot("statistics", "manager", "/manage/statistics/"),
)


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """Run the demo; give its address and the password of its people."""
    with tempfile.TemporaryDirectory(prefix="redound-pictures-") as folder:
        command = [sys.executable, "-m", "redound", "demo", "--data-dir", folder, "--forever"]
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own command
        try:
            yield _introduced(running)
        finally:
            running.terminate()
            running.wait(30)


def _introduced(running: subprocess.Popen[str]) -> tuple[str, str]:
    """Return address and password from what the demo says first."""
    url = password = ""
    for line in running.stderr or ():
        if found := re.search(r"runs at\s+(\S+)", line):
            url = found[1]
        if found := re.search(r"password (\S+)", line):
            password = found[1]
        if url and password:
            return url, password
    raise SystemExit("the demo ended before it had said where it runs")


def sign_in(browser: Any, url: str, who: str, password: str, shot: Shot) -> Any:
    """Return a window of somebody's, as the picture wants it."""
    context = browser.new_context(
        base_url=url,
        viewport=PHONE if shot.phone else WIDE,
        color_scheme="dark" if shot.dark else "light",
        locale="ru-RU" if shot.russian else "en-GB",
        device_scale_factor=1,
    )
    tab = context.new_page()
    tab.goto("/accounts/login/")
    tab.fill("input[name=login]", f"{who}@demo.example")
    tab.fill("input[name=password]", password)
    tab.press("input[name=password]", "Enter")
    tab.wait_for_url(lambda address: "/accounts/" not in address)
    return tab


def keitaro(tab: Any) -> None:
    """Pick a tracker and fill its blanks."""
    tab.click("button.tpl:has-text('Keitaro')")
    tab.fill("#blank-DOMAIN", "trk.example.com")
    tab.fill("#blank-KEY", "3f9ab1e")
    tab.wait_for_selector("#lint li.ok")


def trace(tab: Any) -> None:
    """Trace the first conversion of the list."""
    tab.goto("/conversions/")
    tab.click("a.row >> nth=0")
    tab.wait_for_load_state()
    tab.click("a[href*='/trace/?q=']")
    tab.wait_for_load_state()


PREPARE = {"keitaro": keitaro, "trace": trace}


def take(browser: Any, url: str, password: str, shot: Shot, folder: Path) -> None:
    """Take one picture."""
    tab = sign_in(browser, url, shot.who, password, shot)
    tab.goto(shot.path)
    if shot.prepare:
        PREPARE[shot.prepare](tab)
    if shot.open_first:
        tab.click("a.row >> nth=0")
        tab.wait_for_selector("#drawer:not([hidden]) header")
    tab.wait_for_timeout(500)
    tab.screenshot(path=folder / f"{shot.name}.png")
    tab.context.close()
    print(f"{shot.name}.png")


def main(arguments: list[str]) -> None:
    """Take all pictures."""
    folder = Path(arguments[0]) if arguments else ROOT / "docs" / "img"
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as (url, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        time.sleep(WARM_UP_SECONDS)
        for shot in SHOTS:
            take(browser, url, password, shot, folder)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
