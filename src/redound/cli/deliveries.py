"""`redound deliveries`: what is owed to trackers, what was tried, and trying it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from redound.cli.opening import installation, operator
from redound.cli.output import CommandError, Exit, command, confirm, data, data_json, record, say, table

if TYPE_CHECKING:
    from django.db.models import QuerySet

STATES = ("pending", "leased", "retrying", "parked", "delivered", "failed", "cancelled")
COLUMNS = ("id", "state", "attempts", "postback_id", "conversion_id", "created_at", "next_attempt_at")
LIST_COMMAND = "`redound deliveries list` shows the latest ones."

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="What is owed to trackers.")


def register(app: typer.Typer) -> None:
    """Add the group of this file."""
    app.add_typer(group, name="deliveries")


@command(
    group,
    "list",
    "List the latest deliveries.",
    "deliveries list",
    "deliveries list --state retrying,failed --postback pbk_…",
    "deliveries list --json --limit 200",
)
def list_deliveries(
    state: Annotated[str, typer.Option(help=f"One or several of {', '.join(STATES)}.")] = "",
    postback: Annotated[str, typer.Option(help="Of this postback (pbk_…).")] = "",
    conversion: Annotated[str, typer.Option(help="Of this conversion (cnv_…).")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List deliveries, newest first."""
    unknown = set(filter(None, state.split(","))) - set(STATES)
    if unknown:
        raise CommandError(f"--state {state}: choose from {', '.join(STATES)}.", code=Exit.USAGE)
    with installation():
        from redound.console.records.deliveries import shapes

        found = _rows(state=state, postback_id=postback, conversion_id=conversion)
        rows = shapes(list(found.order_by("-id")[:limit]), operator("deliveries list"))
    if as_json:
        data_json(rows)
        return
    table(COLUMNS, [["" if row[name] is None else str(row[name]) for name in COLUMNS] for row in rows])


@command(
    group,
    "show",
    "Show a delivery with its attempts.",
    "deliveries show dlv_…",
    "deliveries show dlv_… --json",
)
def show(
    delivery_id: Annotated[str, typer.Argument(help="The delivery's ID (dlv_…).")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show a delivery: how it stands, and for each attempt what was sent and what came back."""
    with installation():
        from redound.console.records import attempts, deliveries
        from redound.console.traffic.models import Attempt

        found = list(_rows(id=delivery_id))
        if not found:
            raise CommandError(f"There is no delivery {delivery_id}.", LIST_COMMAND)
        shown = deliveries.shapes(found, operator("deliveries show"))[0]
        tries = [
            attempts.shape(row) for row in Attempt.objects.filter(delivery_id=delivery_id).order_by("id")
        ]
    if as_json:
        data_json({**shown, "attempt_list": tries})
        return
    record(shown)
    for attempt in tries:
        data("")
        record(_told(attempt))


@command(
    group,
    "retry",
    "Try deliveries again.",
    "deliveries retry dlv_…",
    "deliveries retry --failed pbk_… --dry-run",
    "deliveries retry --failed pbk_… --yes",
)
def retry(
    delivery_ids: Annotated[list[str] | None, typer.Argument(help="Deliveries (dlv_…).")] = None,
    failed: Annotated[str, typer.Option(help="All failed ones of this postback (pbk_…).")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Try deliveries again now: those that wait, failed or were cancelled. A running server picks them up."""
    if bool(delivery_ids) == bool(failed):
        raise CommandError("Name deliveries, or a postback with --failed.", LIST_COMMAND, Exit.USAGE)
    with installation():
        from redound.console.postbacks import actions

        wanted = _rows(postback_id=failed, state="failed") if failed else _rows(id__in=delivery_ids)
        rows = list(wanted.order_by("id"))
        missing = set(delivery_ids or ()) - {row.pk for row in rows}
        if missing:
            raise CommandError(f"There is no delivery {', '.join(sorted(missing))}.", LIST_COMMAND)
        counted = f"{len(rows)} {'delivery' if len(rows) == 1 else 'deliveries'}"
        if dry_run:
            say(f"{counted} would be tried again.")
            return
        if failed:
            confirm(f"Try {counted} again?", yes=yes)
        for row in rows:
            actions.retry(row, operator("deliveries retry"))
    say(f"{counted} will be tried again by the running server.")


def _rows(*, state: str = "", **columns: Any) -> QuerySet[Any]:
    """Return the deliveries with these columns, empty ones not asked for, as the API's list has them."""
    from redound.console.records.deliveries import deliveries

    rows = deliveries.visible(operator("deliveries"))
    rows = rows.filter(**{name: value for name, value in columns.items() if value})
    return deliveries.filters["state"](rows, state) if state else rows


def _told(attempt: dict[str, Any]) -> dict[str, object]:
    """Return an attempt as lines for a person."""
    request, response, error = attempt["request"], attempt["response"] or {}, attempt["error"] or {}
    return {
        "attempt": attempt["number"],
        "at": attempt["started_at"],
        "took": f"{attempt['duration_ms']} ms",
        "sent": f"{request['method']} {request['url']}",
        "body sent": request["body"],
        "answer": response.get("status", "none"),
        "body": response.get("body"),
        "error": f"{error['kind']}: {error['detail']}" if error else None,
    }
