"""How the installation does: what waits, who works, where things are kept and for how long."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from redound.console import named, runtime
from redound.console.clock import now_ms
from redound.console.shell.page import page
from redound.console.statistics.overview import oldest_due_seconds
from redound.console.statistics.reading import as_of_ms
from redound.console.traffic.models import ConfigVersion, Due, Worker
from redound.core.deliveries import Queue

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.shell.page import PageRequest

ALIVE_MS = 30_000
"""A process that was not seen for so long counts as gone."""
MOST = 100_000
"""How far queues are counted."""
QUEUES = (
    (Queue.FRESH, gettext_lazy("Fresh")),
    (Queue.RETRY, gettext_lazy("Retries")),
    (Queue.PARKED, gettext_lazy("Parked")),
)
KEPT = (
    ("keep_clicks_days", gettext_lazy("Clicks")),
    ("keep_reports_days", gettext_lazy("Reports")),
    ("keep_deliveries_days", gettext_lazy("Deliveries")),
    ("keep_attempts_days", gettext_lazy("Attempts")),
    ("keep_ips_days", gettext_lazy("IP addresses")),
    ("keep_imports_days", gettext_lazy("Imported files")),
)


@page
def system(request: PageRequest) -> HttpResponse:
    """Show how the installation does."""
    ours = runtime.settings()
    now = now_ms()
    context = {
        "queues": [{"words": words, **_queue(queue)} for queue, words in QUEUES],
        "oldest_due_seconds": oldest_due_seconds(now),
        "workers": [_worker(row, now) for row in Worker.objects.order_by("-seen_at")[:50]],
        "database": _database(),
        "retention": [(words, getattr(ours, name, 0)) for name, words in KEPT],
        "backup": _backup(),
        "version": version("redound"),
        "fingerprint": runtime.vault().fingerprint[:8],
        "config_version": ConfigVersion.objects.values_list("version", flat=True).first(),
        "geoip": _geoip(ours.geoip_db),
        "as_of": as_of_ms(),
        "mail": ours.smtp is not None,
    }
    return render(request, "manager/system.html", context)


def _queue(queue: Queue) -> dict[str, Any]:
    count = Due.objects.filter(queue=queue).order_by()[: MOST + 1].count()
    return {"count": min(count, MOST), "more": count > MOST}


def _worker(row: Worker, now: int) -> dict[str, Any]:
    return {
        "node": row.node,
        "role": row.role,
        "started_at": row.started_at,
        "seen_at": row.seen_at,
        "alive": now - row.seen_at < ALIVE_MS,
    }


def _database() -> dict[str, Any]:
    """Return which database this is, and how much room it takes (bytes)."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            path = runtime.settings().sqlite_path
            files = [path, path.with_name(f"{path.name}-wal")]
            size = sum(each.stat().st_size for each in files if each.exists())
            cursor.execute("SELECT sqlite_version()")
            (number,) = cursor.fetchone()
        else:
            cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
            number, size = cursor.fetchone()
    return {
        "name": "SQLite" if connection.vendor == "sqlite" else "PostgreSQL",
        "version": number,
        "bytes": size,
    }


def _backup() -> str | None:
    """Return when `redound backup` last ran, None when it never did."""
    rows = named.select("backup_mark")
    return rows[0]["value"] if rows else None


def _geoip(path: str) -> str:
    """Return "none", "missing" or "there"."""
    if not path:
        return "none"
    return "there" if Path(path).is_file() else "missing"
