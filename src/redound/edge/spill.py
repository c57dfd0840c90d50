"""Where clicks go while the database is away: local files, fsynced before the visitor is redirected.

A file holds one line a click: the CRC-32 of the rest in hex, a blank, JSON with the click and what is owed
for it. A file belongs to the process that holds its lock; files of processes that are gone are adopted.
Replaying is idempotent, as the store leaves a known click ID alone, so a file is simply replayed from its
start after a crash and removed when all of it is stored.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import IO, TYPE_CHECKING, NamedTuple

import orjson

from redound.core.clicks import Click
from redound.core.deliveries import NewDelivery
from redound.logs import log
from redound.store.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

BATCH = 500
_SUFFIX = ".spill"
_CLICK_FIELDS = frozenset(field.name for field in fields(Click))
_DELIVERY_FIELDS = frozenset(field.name for field in fields(NewDelivery))


class OpenedClick(NamedTuple):
    """A click with the deliveries that it owes (click postbacks)."""

    click: Click
    deliveries: Sequence[NewDelivery] = ()


Add = "Callable[[Sequence[OpenedClick]], Awaitable[None]]"


def encode(opened: OpenedClick) -> bytes:
    """Return the line of a click."""
    body = orjson.dumps({"click": opened.click, "deliveries": opened.deliveries})
    return b"%08x %b\n" % (zlib.crc32(body), body)


def decode(line: bytes) -> OpenedClick | None:
    """Return the click of a line; None for a torn or damaged one."""
    crc, _, body = line.rstrip(b"\n").partition(b" ")
    try:
        if not line.endswith(b"\n") or int(crc, 16) != zlib.crc32(body):
            return None
        raw = orjson.loads(body)
    except ValueError:
        return None
    click = Click(**{name: value for name, value in raw["click"].items() if name in _CLICK_FIELDS})
    return OpenedClick(
        click,
        tuple(
            NewDelivery(**{name: value for name, value in each.items() if name in _DELIVERY_FIELDS})
            for each in raw["deliveries"]
        ),
    )


class Spill:
    """The spill files of one folder. Every file operation runs on one thread of its own, in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spill")
        self._open: IO[bytes] | None = None
        self._first = "" if self._segments() else None
        self._last = "~" if self._segments() else ""

    @property
    def pending(self) -> bool:
        """Whether clicks of ours wait here."""
        return self._first is not None

    def may_hold(self, click_id: str) -> bool:
        """Whether this click could be one of those that wait here: IDs sort by time."""
        return self._first is not None and self._first <= click_id.lower() <= self._last

    async def write(self, clicks: Sequence[OpenedClick]) -> None:
        """Keep the clicks; they survive a power cut on return. OSError when the disk will not have them."""
        await asyncio.get_running_loop().run_in_executor(self._files, self._append, list(clicks))

    async def replay(self, add: Callable[[Sequence[OpenedClick]], Awaitable[None]]) -> int:
        """Hand all that waits to `add`, oldest file first, in order; return how many clicks that were.

        Whatever `add` raises of StoreUnavailableError ends it, to be taken up again later. A click that the
        store refuses for another reason is set aside in a file that ends in `.refused`.
        """
        run = asyncio.get_running_loop().run_in_executor
        await run(self._files, self._rotate)
        count = 0
        for path in await run(self._files, self._segments):
            segment = await run(self._files, _adopt, path)
            if segment is None:
                continue
            try:
                while lines := await run(self._files, _read_lines, segment):
                    count += await self._add(lines, path, add)
                await run(self._files, _remove, path)
            finally:
                segment.close()
        if not await run(self._files, self._segments):
            self._first, self._last = None, ""
        return count

    async def close(self) -> None:
        """Let go of the file; what waits stays for the next start."""
        await asyncio.get_running_loop().run_in_executor(self._files, self._rotate)
        self._files.shutdown()

    async def _add(
        self, lines: list[bytes], path: Path, add: Callable[[Sequence[OpenedClick]], Awaitable[None]]
    ) -> int:
        """Store the clicks of some lines; when the batch is refused, each alone."""
        found = [(line, decode(line)) for line in lines]
        clicks = [opened for _, opened in found if opened is not None]
        refused = [line for line, opened in found if opened is None]
        try:
            await add(clicks)
        except StoreUnavailableError:
            raise
        except Exception:  # noqa: BLE001 - whatever it was, the lines stay for the next replay
            for line, opened in found:
                if opened is not None and not await _stores(opened, add):
                    refused.append(line)
        if refused:
            log.error("spill.refused", clicks=len(refused), file=path.name)
            await asyncio.get_running_loop().run_in_executor(self._files, _set_aside, path, refused)
        return len(clicks)

    def _append(self, clicks: list[OpenedClick]) -> None:
        file = self._open or self._create()
        try:
            file.write(b"".join(map(encode, clicks)))
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            # A line may be torn in the middle now; nothing may follow it in this file.
            self._rotate()
            raise
        ids = [opened.click.id for opened in clicks]
        self._first = min(ids) if self._first is None else min(self._first, *ids)
        self._last = max(self._last, *ids)

    def _create(self) -> IO[bytes]:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"clicks-{time.time_ns():019d}-{os.getpid()}{_SUFFIX}"
        file = path.open("xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        _sync_folder(self._folder)
        self._open = file
        return file

    def _rotate(self) -> None:
        file, self._open = self._open, None
        if file is not None:
            file.close()

    def _segments(self) -> list[Path]:
        return sorted(self._folder.glob(f"clicks-*{_SUFFIX}")) if self._folder.is_dir() else []


async def _stores(opened: OpenedClick, add: Callable[[Sequence[OpenedClick]], Awaitable[None]]) -> bool:
    try:
        await add([opened])
    except StoreUnavailableError:
        raise
    except Exception:  # noqa: BLE001 - whatever it was, the lines stay for the next replay
        return False
    return True


def _adopt(path: Path) -> IO[bytes] | None:
    """Return the file under our lock, or None when another process writes to it or has replayed it."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    if not path.exists():  # its last owner removed it between our open and our lock
        file.close()
        return None
    return file


def _read_lines(file: IO[bytes]) -> list[bytes]:
    lines = []
    for line in file:
        lines.append(line)
        if len(lines) == BATCH:
            break
    return lines


def _remove(path: Path) -> None:
    path.unlink()
    _sync_folder(path.parent)


def _set_aside(path: Path, lines: list[bytes]) -> None:
    with path.with_suffix(".refused").open("ab") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
