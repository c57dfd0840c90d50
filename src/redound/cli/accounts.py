"""`redound user` and `redound key`: people, and the keys that act for them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from redound.cli.opening import installation
from redound.cli.output import CommandError, Exit, command, confirm, data, data_json, say, table

if TYPE_CHECKING:
    from datetime import datetime

    from redound.console.accounts.models import ApiKey, User
    from redound.console.catalog.models import Affiliate

people = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="People who can log in.")
keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="API keys.")

AsJson = Annotated[bool, typer.Option("--json", help="One JSON array.")]


def register(app: typer.Typer) -> None:
    """Add the groups of this file."""
    app.add_typer(people, name="user")
    app.add_typer(keys, name="key")


@command(
    people,
    "create",
    "Make a person who can log in.",
    "user create bob@example.com --name Bob --role manager",
    "user create alice@example.com --affiliate aff_… < password.txt",
)
def create_user(
    email: Annotated[str, typer.Argument(help="The address to log in with.")],
    name: Annotated[str, typer.Option(help="What to call them; the address without it.")] = "",
    role: Annotated[str, typer.Option(help="manager, operator or affiliate.")] = "",
    affiliate: Annotated[str, typer.Option(help="The affiliate whose things they see (aff_…).")] = "",
) -> None:
    """Make a person. The password is asked for on a terminal, and read from standard input elsewhere."""
    with installation():
        from redound.console.accounts.models import Role, User

        wanted = role or ("affiliate" if affiliate else "manager")
        if wanted not in Role.values:
            problem = f"--role {role}: choose one of {', '.join(Role.values)}."
            raise CommandError(problem, code=Exit.USAGE)
        if (wanted == Role.AFFILIATE) != bool(affiliate):
            raise CommandError("--affiliate goes with the role affiliate, and only with it.", code=Exit.USAGE)
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(f"{email} exists already.", "`redound user list` shows everybody.")
        owner = find_affiliate(affiliate) if affiliate else None
        fields: dict[str, Any] = {"name": name or email, "role": wanted, "affiliate": owner}
        if wanted == Role.OPERATOR:
            fields |= {"is_staff": True, "is_superuser": True}
        user = User.objects.create_user(email, _password(), **fields)
        data(user.id)


@command(people, "list", "List people.", "user list", "user list --json")
def list_users(as_json: AsJson = False) -> None:
    """List everybody who can log in or owns keys."""
    with installation():
        from redound.console.accounts.models import User

        rows = [
            {
                "id": user.id,
                "name": user.name,
                "email": user.email,
                "role": user.role,
                "affiliate_id": user.affiliate_id,
            }
            for user in User.objects.order_by("id")
        ]
    _show(rows, as_json=as_json)


@command(people, "password", "Set a person's password.", "user password bob@example.com")
def set_password(email: Annotated[str, typer.Argument(help="Whose password.")]) -> None:
    """Set a password: asked for on a terminal, read from standard input elsewhere."""
    with installation():
        user = find_person(email)
        user.set_password(_password())
        user.save(update_fields=["password", "updated_at"])
        say(f"The password of {user.email} is set.")


@command(
    keys,
    "create",
    "Make an API key and print it alone.",
    "key create --manager Bob",
    "key create --affiliate aff_… --scope postbacks:write --expires 90d",
)
def create_key(
    manager: Annotated[
        str, typer.Option(help="Act for this manager; made when there is none of the name.")
    ] = "",
    affiliate: Annotated[str, typer.Option(help="See this affiliate only (aff_…).")] = "",
    name: Annotated[str, typer.Option(help="A label for lists.")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write, noun:read or noun:write; repeatable.")
    ] = None,
    expires: Annotated[str, typer.Option(help="After so long, such as 90d.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="An object with the key's ID.")] = False,
) -> None:
    """Make an API key. It is printed once and not stored. Works beside a running server."""
    if bool(manager) == bool(affiliate):
        raise CommandError(
            "Say whom the key is for: either --manager NAME or --affiliate aff_….", code=Exit.USAGE
        )
    ends = _moment(expires)
    with installation():
        from django.db import transaction

        from redound.console.accounts.keys import issue_key

        with transaction.atomic():
            label = name or f"{manager or affiliate}, made on the command line"
            key, raw = issue_key(
                label,
                user=_manager(manager) if manager else None,
                affiliate=find_affiliate(affiliate) if affiliate else None,
                scopes=_scopes(scope or ["write"]),
                expires_at=ends,
            )
    if as_json:
        data_json(
            {"id": key.id, "key": raw, "name": key.name, "scopes": key.scopes, "expires_at": key.expires_at}
        )
    else:
        data(raw)


@command(keys, "list", "List keys, without the keys.", "key list", "key list --json")
def list_keys(as_json: AsJson = False) -> None:
    """List API keys: whom they act for, when they were last used. The keys themselves are not stored."""
    with installation():
        from redound.console.accounts.models import ApiKey

        rows = [_key_row(key) for key in ApiKey.objects.select_related("user", "affiliate").order_by("id")]
    _show(rows, as_json=as_json)


@command(keys, "revoke", "Take a key out of force.", "key revoke key_…", "key revoke key_… --yes")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="The key's ID (key_…), from `redound key list`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Revoke an API key. Requests with it are refused from now on."""
    with installation():
        from django.utils import timezone

        from redound.console.accounts.models import ApiKey

        key = ApiKey.objects.filter(id=key_id).first()
        if key is None:
            raise CommandError(f"There is no key {key_id}.", "`redound key list` shows all.")
        confirm(f"Revoke {key.name} ({key.hint}…)?", yes=yes)
        ApiKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=timezone.now())
        say(f"{key.name} ({key.hint}…) is revoked.")


def find_person(email: str) -> User:
    """Return who signs in with this address; CommandError when nobody does."""
    from redound.console.accounts.models import User

    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        raise CommandError(
            f"There is nobody with the address {email}.", "`redound user list` shows everybody."
        )
    return user


def _manager(name: str) -> User:
    from redound.console.accounts.models import Role, User

    found = list(User.objects.filter(name=name, role__in=[Role.MANAGER, Role.OPERATOR], is_active=True)[:2])
    if len(found) > 1:
        raise CommandError(
            f"There are several managers called {name}.", "Rename one of them in the backoffice."
        )
    return found[0] if found else User.objects.create_user(None, name=name, role=Role.MANAGER)


def find_affiliate(affiliate_id: str) -> Affiliate:
    """Return the affiliate; CommandError when there is none."""
    from redound.console.catalog.models import Affiliate

    found = Affiliate.objects.filter(id=affiliate_id).first()
    if found is None:
        raise CommandError(
            f"There is no affiliate {affiliate_id}.", "`redound export` shows every affiliate."
        )
    return found


def _scopes(wanted: list[str]) -> list[str]:
    for scope in wanted:
        verb = scope.rpartition(":")[2]
        if verb not in {"read", "write"}:
            raise CommandError(
                f"--scope {scope}: write read, write, noun:read or noun:write.", code=Exit.USAGE
            )
    return wanted


def _moment(expires: str) -> datetime | None:
    if not expires:
        return None
    from datetime import UTC, datetime, timedelta

    from redound.settings import parse_duration

    try:
        return datetime.now(UTC) + timedelta(seconds=parse_duration(expires))
    except (ValueError, OverflowError) as error:
        raise CommandError(f"--expires: {error}", code=Exit.USAGE) from error


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise CommandError("No password came on standard input.", code=Exit.USAGE)
    return password


def _key_row(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "for": key.affiliate_id or (key.user.name if key.user else ""),
        "scopes": key.scopes,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }


def _show(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        data_json(rows)
        return
    columns = list(rows[0]) if rows else []
    table(columns, [["" if row[name] is None else _cell(row[name]) for name in columns] for row in rows])


def _cell(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
