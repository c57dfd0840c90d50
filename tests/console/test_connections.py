"""Django's connections: PostgreSQL as libpq reads its URL, SQLite behind the gate of the process."""

from __future__ import annotations

import threading

import pytest

from redound.console.databases import databases
from tests.console.conftest import settings_for


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://bob:p%40ss@db.example.com:5433/net",
            ("db.example.com", "5433", "bob", "p@ss", "net", {}),
        ),
        ("postgresql://postgres@/net?host=%2Fvar%2Frun", ("/var/run", None, "postgres", None, "net", {})),
        (
            "postgres:///net?host=/run/pg&sslmode=require",
            ("/run/pg", None, None, None, "net", {"sslmode": "require"}),
        ),
    ],
)
def test_a_postgresql_url_is_read_as_libpq_reads_it(url, expected):
    """A socket folder in `host=` too."""
    entry = databases(settings_for(url))["default"]
    names = ("HOST", "PORT", "USER", "PASSWORD", "NAME", "OPTIONS")
    assert tuple(entry.get(name) for name in names) == expected


@pytest.fixture
def gated(sqlite_file):
    """Django on a SQLite file, and that file's gate."""
    from django.db import connections

    from redound.gate import gate_for
    from tests.console.conftest import point_django_at

    point_django_at(f"sqlite:///{sqlite_file}")
    yield gate_for(sqlite_file)
    connections.close_all()


def is_free(gate) -> bool:
    """Whether somebody else could write now."""
    from redound.gate import GateTimeoutError

    try:
        gate.acquire(timeout=0.01)
    except GateTimeoutError:
        return False
    gate.release()
    return True


def elsewhere(question):
    """Return the answer of another thread, as the writer thread would find it."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(question()))
    thread.start()
    thread.join()
    return answers[0]


def test_a_transaction_holds_the_gate_until_it_ends(gated):
    """Committed, rolled back, or broken off by an exception: the next writer gets its turn."""
    from django.db import transaction

    from redound.console.accounts.models import User

    with transaction.atomic():
        User.objects.create_user(None, name="Bob", role="manager")
        with transaction.atomic():
            User.objects.create_user(None, name="Mia", role="manager")
        assert not elsewhere(lambda: is_free(gated))
    assert is_free(gated)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError
    assert is_free(gated)


def test_a_connection_that_closes_in_a_transaction_gives_the_gate_back(gated):
    """A thread that dies must not stop all others."""
    from django.db import connection, transaction

    def close_within() -> None:
        with transaction.atomic():
            connection.close()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        close_within()
    assert is_free(gated)


def test_a_single_statement_holds_it_for_itself_and_reading_never_does(gated):
    """While somebody else writes, Django still reads."""
    from redound.console.accounts.models import User

    User.objects.create_user(None, name="Bob", role="manager")
    assert is_free(gated)
    gated.acquire()
    try:
        assert User.objects.count() == 1
    finally:
        gated.release()


def test_a_turn_that_does_not_come_is_a_database_error(gated, monkeypatch):
    """The API answers 503 and the asker comes again."""
    from django.db import OperationalError, transaction

    from redound.console.sqlite import base

    monkeypatch.setattr(base, "PATIENCE_SECONDS", 0.01)
    gated.acquire()
    try:
        with pytest.raises(OperationalError), transaction.atomic():
            pass
    finally:
        gated.release()


def test_migrations_and_models_agree(bus):
    """No model changed without its migration."""
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
