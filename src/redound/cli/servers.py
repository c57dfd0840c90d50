"""`redound serve`, `edge`, `deliver`, `console`: the roles of a running installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from redound.cli.output import CommandError, command, data

if TYPE_CHECKING:
    from redound.roles import MakePages, Role

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 picks a free one.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    command(
        app,
        "serve",
        "Run everything in one process.",
        "serve",
        "serve --host 0.0.0.0 --port 8000",
        "serve --port 0",
    )(serve)
    command(app, "edge", "Take clicks and reports in.", "edge --port 8001")(edge)
    command(app, "deliver", "Send callbacks.", "deliver --port 8002")(deliver)
    command(app, "console", "Serve pages and API.", "console --port 8003")(console)


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Run tracking links, reports, probes, the worker, pages and API until SIGTERM or Ctrl C.

    Prints one line with the address when it is ready.
    """
    from redound import asgi
    from redound.roles import SERVE

    _run(SERVE, host, port, asgi.console)


def edge(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Run tracking links, reports and probes alone, on PostgreSQL. `redound deliver` sends callbacks."""
    from redound.roles import EDGE

    _run(EDGE, host, port)


def deliver(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Run the worker alone, on PostgreSQL; on its port it answers probes. Any number share the work."""
    from redound.roles import DELIVER

    _run(DELIVER, host, port)


def console(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Run pages and API alone."""
    from redound import asgi
    from redound.roles import CONSOLE

    _run(CONSOLE, host, port, asgi.console)


def _run(role: Role, host: str, port: int, pages: MakePages | None = None) -> None:
    from redound import roles
    from redound.settings import load
    from redound.store.port import StoreRefusedError, StoreUnavailableError
    from redound.vault import KeyringError

    try:
        roles.run(role, load(), host, port, pages=pages, ready=data)
    except roles.StartError as error:
        raise CommandError(str(error), "Choose another port with --port, or 0 for a free one.") from error
    except KeyringError as error:
        raise CommandError(str(error), "docs/operations.md describes changing the secret key.") from error
    except StoreRefusedError as error:
        raise CommandError(str(error)) from error
    except StoreUnavailableError as error:
        raise CommandError(
            f"The database does not answer: {error}", "`redound doctor` looks at it."
        ) from error
