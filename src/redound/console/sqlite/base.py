"""The backend: whatever writes first takes the gate that the data plane's writer thread takes too.

Transactions begin IMMEDIATE, so each of them counts as a write and holds the gate until it ends. A single
writing statement in autocommit mode holds it for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from redound.gate import GateTimeoutError, gate_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PATIENCE_SECONDS = 20.0
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "ALTER", "DROP")


class DatabaseWrapper(base.DatabaseWrapper):
    """SQLite whose transactions queue fairly with our own writer thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gate = gate_for(self.settings_dict["NAME"])
        self._holds_gate = False
        self.execute_wrappers.append(self._execute_gated)

    def _take_gate(self) -> None:
        try:
            self._gate.acquire(timeout=PATIENCE_SECONDS)
        except GateTimeoutError as error:
            raise OperationalError(str(error)) from error
        self._holds_gate = True

    def _give_gate(self) -> None:
        # The flag first: taking the gate twice would deadlock, giving it twice would let two writers in.
        if self._holds_gate:
            self._holds_gate = False
            self._gate.release()

    def _start_transaction_under_autocommit(self) -> None:
        self._take_gate()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except BaseException:
            self._give_gate()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # not in the stubs
        self._give_gate()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # not in the stubs
        finally:
            self._give_gate()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # not in the stubs
        finally:
            self._give_gate()

    def _execute_gated(
        self,
        execute: Callable[..., object],
        sql: str,
        params: object,
        many: bool,  # noqa: FBT001 - Django's signature
        context: Mapping[str, Any],
    ) -> object:
        if self._holds_gate or not sql.lstrip()[:7].upper().startswith(_WRITES):
            return execute(sql, params, many, context)
        self._take_gate()
        try:
            return execute(sql, params, many, context)
        finally:
            self._give_gate()
