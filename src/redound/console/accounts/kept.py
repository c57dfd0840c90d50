"""Django's cache in the database: what throttles count must be one number for all processes.

Values are JSON and never pickles: whoever could write to the table could otherwise run code here. Made for
the few small values of sign-in; pages keep nothing in it.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from redound.console.accounts.models import Kept

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
TIDY_ONE_IN = 50
"""How seldom a write also deletes what has expired."""


class KeptCache(BaseCache):
    """A cache over the table `kept`."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        del location

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or the default when there is none or it has expired."""
        found = self._of(key, version).filter(expires__gt=timezone.now())
        text = found.values_list("value", flat=True).first()
        return default if text is None else json.loads(text)

    def set(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep the value in place of what was there."""
        fields = {"value": json.dumps(value), "expires": self._expires(timeout)}
        if not self._of(key, version).update(**fields):
            self._rows().update_or_create(cache_key=self._name(key, version), defaults=fields)
        self._tidy()

    def add(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep the value unless there is one already; say whether it was kept. Atomic between processes."""
        self._of(key, version).filter(expires__lte=timezone.now()).delete()
        try:
            with transaction.atomic():
                self._rows().create(
                    cache_key=self._name(key, version),
                    value=json.dumps(value),
                    expires=self._expires(timeout),
                )
        except IntegrityError:  # another process was first
            return False
        self._tidy()
        return True

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep the value for longer; say whether there is one."""
        found = self._of(key, version).filter(expires__gt=timezone.now())
        return bool(found.update(expires=self._expires(timeout)))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget the value; say whether there was one."""
        return bool(self._of(key, version).delete()[0])

    def clear(self) -> None:
        """Forget everything."""
        self._rows().all().delete()

    def _tidy(self) -> None:
        if not secrets.randbelow(TIDY_ONE_IN):
            self._rows().filter(expires__lte=timezone.now()).delete()

    def _of(self, key: Any, version: int | None) -> QuerySet[Kept]:
        found: QuerySet[Kept] = self._rows().filter(cache_key=self._name(key, version))
        return found

    def _name(self, key: Any, version: int | None) -> str:
        return str(self.make_and_validate_key(key, version=version))

    def _expires(self, timeout: float | object | None) -> datetime:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return FOR_EVER if seconds is None else timezone.now() + timedelta(seconds=float(str(seconds)))

    @staticmethod
    def _rows() -> Any:
        from redound.console.accounts.models import Kept  # noqa: PLC0415 - caches are made before models

        return Kept.objects
