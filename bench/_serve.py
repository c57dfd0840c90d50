"""A server under measurement, in a process of its own; prints its port when it listens and ends on SIGTERM.

python -m bench._serve bare [302|200]
python -m bench._serve edge FOLDER
python -m bench._serve serve FOLDER
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys

import uvicorn
import uvloop

LOCATION = b"https://shop.example.com/landing?cid=0123456789abcdefghjkmnpqrstvwxyz01234567"
BODY = b'{"verdict":"accepted","report_id":"rpt_","click_id":"","conversion_id":"cnv_","detail":""}'


def bare(status: int) -> None:
    """Serve the smallest ASGI application that gives an answer of the same kind."""
    body = b"" if status == 302 else BODY
    headers = [(b"location", LOCATION)] if status == 302 else [(b"content-type", b"application/json")]
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": [*headers, (b"content-length", b"%d" % len(body))],
    }
    end = {"type": "http.response.body", "body": body}

    async def app(_scope, _receive, send):
        await send(start)
        await send(end)

    sock = socket.create_server(("127.0.0.1", 0))
    print(sock.getsockname()[1], flush=True)
    config = uvicorn.Config(
        app,
        interface="asgi3",
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[sock])


def redound(role_name: str, folder: str) -> None:
    """Serve a role of Redound as its command does."""
    from redound import asgi, logs, roles
    from redound.settings import load

    window = os.environ.get("REDOUND_CLICK_DUPLICATE_WINDOW", "")
    settings = load(
        {
            "REDOUND_DATA_DIR": folder,
            "REDOUND_ALLOW_NETWORKS": "127.0.0.0/8",
            "REDOUND_CLICK_DUPLICATE_WINDOW": window,
        }
    )
    logs.configure(settings.log_level, terminal=False)
    sys.setswitchinterval(roles.SWITCH_SECONDS)
    role = {"edge": roles.EDGE, "serve": roles.SERVE}[role_name]

    async def main() -> None:
        process = roles.Process(role, settings, pages=asgi.console)
        stopping = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
        await process.start()
        print(process.url.rpartition(":")[2], flush=True)
        await stopping.wait()
        await process.stop()

    uvloop.run(main())


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        bare(int(sys.argv[2]))
    else:
        redound(sys.argv[1], sys.argv[2])
