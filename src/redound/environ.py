"""WSGI without a server: a request as its environment, and an answer taken whole."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from redound.edge.http import Proxies, Scope


from redound.edge.http import peer_of


def make_environ(scope: Scope, body: IO[bytes], proxies: Proxies) -> dict[str, Any]:
    """Return the WSGI environment of a request whose body is at hand (PEP 3333).

    Headers with an underscore are dropped: WSGI cannot tell `X_Forwarded_For` from `X-Forwarded-For`.
    """
    server = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": proxies.address(peer_of(scope), scope["headers"]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": proxies.scheme(scope),
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:
            continue
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in {"CONTENT_LENGTH", "CONTENT_TYPE"} else f"HTTP_{name}"
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ["CONTENT_LENGTH"] = str(_size(body))
    return environ


def _size(body: IO[bytes]) -> int:
    size = body.seek(0, 2)
    body.seek(0)
    return size


@dataclass(frozen=True, slots=True)
class Whole:
    """An answer, its headers left out."""

    status: int
    body: bytes


def whole(application: WSGIApplication, environ: dict[str, Any]) -> Whole:
    """Run an application to its end; what it raises is raised."""
    status: list[str] = []
    body = io.BytesIO()

    def start(line: str, _headers: object, _exc_info: object = None, /) -> Any:
        status.append(line)
        return body.write

    iterable = application(environ, start)
    try:
        for chunk in iterable:
            body.write(chunk)
    finally:
        close = getattr(iterable, "close", None)
        if close is not None:
            close()
    return Whole(int(status[-1].split(" ", 1)[0]), body.getvalue())
