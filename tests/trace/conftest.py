"""The console's people and database, for traces."""

from __future__ import annotations

import pytest

from tests.console.conftest import bus, world

__all__ = ["bus", "django_queries", "world"]


@pytest.fixture
def django_queries():
    """Counts the queries of a call."""

    def count(call) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as caught:
            call()
        return len(caught)

    return count
