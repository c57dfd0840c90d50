"""The operator's environment."""

from __future__ import annotations

import ipaddress
import os
import stat

import pytest

from redound.keys import WrongKeyError, check_fingerprint, with_secret_key
from redound.settings import DEFAULT_RETRY_SCHEDULE, SettingError, Smtp, load, parse_duration, parse_schedule
from redound.vault import Vault


def test_the_defaults_serve_a_first_start():
    """SQLite in ./redound-data, 25 attempts over about two days, nobody trusted."""
    settings = load({})
    assert settings.database_url == "sqlite:///redound-data/redound.sqlite3"
    assert settings.dialect == "sqlite"
    assert str(settings.sqlite_path) == "redound-data/redound.sqlite3"
    assert settings.max_attempts == 25
    assert settings.trusted_proxies == settings.allow_networks == ()
    assert settings.tracking_url == settings.base_url == "http://127.0.0.1:8000"


def test_the_default_schedule_spreads_25_attempts_over_about_two_days():
    """Everflow: 25 attempts."""
    schedule = parse_schedule(DEFAULT_RETRY_SCHEDULE)
    assert len(schedule) == 24
    assert 1.5 * 86400 < sum(schedule) < 2.5 * 86400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("10s", 10), ("5m", 300), ("2h", 7200), ("1d", 86400), ("1.5s", 1.5)],
)
def test_durations(text, seconds):
    """A number with its unit."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "s", "-1s", "1 s", "1w", "1,5s", "\uff11\uff10s", "nan"])
def test_what_is_no_duration_is_refused(text):
    """With words that help."""
    with pytest.raises(ValueError, match="10s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDOUND_DATABASE_URL", "mysql://x"),
        ("REDOUND_BASE_URL", "example.com"),
        ("REDOUND_TRACKING_URL", "https://t.example.com/?a=b"),
        ("REDOUND_RETRY_SCHEDULE", "10s,soon"),
        ("REDOUND_MAX_ATTEMPTS", "0"),
        ("REDOUND_MAX_ATTEMPTS", "many"),
        ("REDOUND_SMTP_URL", "https://mail.example.com"),
        ("REDOUND_SMTP_URL", "smtp://"),
        ("REDOUND_SMTP_URL", "smtp://mail.example.com:port"),
        ("REDOUND_MAIL_FROM", "nobody"),
        ("REDOUND_KEEP_CLICKS", "-1"),
        ("REDOUND_KEEP_IPS", "30d"),
        ("REDOUND_KEEP_REPORTS", "99999"),
        ("REDOUND_MANUAL_DELAY", "10"),
        ("REDOUND_ALLOW_NETWORKS", "10.0.0.1/8"),
        ("REDOUND_TRUSTED_PROXIES", "localhost"),
        ("REDOUND_LOG_LEVEL", "LOUD"),
        ("REDOUND_DEBUG", "maybe"),
        ("REDOUND_ATTEMPT_TIMEOUT", "15"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_setting(name, value):
    """The start fails loudly; nothing is guessed."""
    with pytest.raises(SettingError, match=name) as caught:
        load({name: value})
    assert caught.value.name == name


def test_what_the_environment_says_is_taken():
    """One of each kind."""
    settings = load(
        {
            "REDOUND_DATABASE_URL": "postgresql://redound@/redound?host=/var/run/postgresql",
            "REDOUND_RETRY_SCHEDULE": "1s, 2m",
            "REDOUND_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::/32",
            "REDOUND_BASE_URL": "https://console.example.com/",
            "REDOUND_TRACKING_URL": "https://go.example.com",
            "REDOUND_OLD_SECRET_KEYS": "one,two,",
            "REDOUND_DEBUG": "yes",
            "REDOUND_LOG_LEVEL": "debug",
        }
    )
    assert settings.dialect == "postgres"
    assert settings.retry_schedule == (1.0, 120.0)
    assert settings.trusted_proxies == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("2001:db8::/32"),
    )
    assert settings.base_url == "https://console.example.com"
    assert settings.tracking_url == "https://go.example.com"
    assert settings.old_secret_keys == ("one", "two")
    assert settings.debug
    assert settings.log_level == "DEBUG"


# The secret key


def test_a_key_is_generated_once_and_kept_for_its_owner_alone(tmp_path):
    """`init`, and `serve` on SQLite; a second start finds the same key."""
    settings = load({"REDOUND_DATA_DIR": str(tmp_path / "data")})
    first = with_secret_key(settings, generate=True)
    assert len(first.secret_key) >= 32
    path = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert with_secret_key(settings, generate=True).secret_key == first.secret_key
    assert with_secret_key(settings).secret_key == first.secret_key
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]


def test_other_roles_refuse_to_start_without_a_key(tmp_path):
    """A node with a key of its own would call the others' click IDs forged."""
    with pytest.raises(SettingError, match=r"REDOUND_SECRET_KEY.*redound init"):
        with_secret_key(load({"REDOUND_DATA_DIR": str(tmp_path)}))
    assert not list(tmp_path.iterdir())


def test_the_environments_key_counts_before_the_kept_one(tmp_path):
    """And nothing is written."""
    settings = load({"REDOUND_DATA_DIR": str(tmp_path), "REDOUND_SECRET_KEY": "from the environment"})
    assert with_secret_key(settings, generate=True).secret_key == "from the environment"
    assert not list(tmp_path.iterdir())


def test_of_two_processes_that_start_at_once_one_key_is_left(tmp_path, monkeypatch):
    """The slower one takes the quicker one's key."""
    settings = load({"REDOUND_DATA_DIR": str(tmp_path)})
    link = os.link

    def beaten(source, target):
        target.write_text("the quicker one's key\n")
        link(source, target)

    monkeypatch.setattr("redound.keys.os.link", beaten)
    assert with_secret_key(settings, generate=True).secret_key == "the quicker one's key"


def test_a_key_that_cannot_be_kept_stops_the_start(tmp_path):
    """Otherwise the next start would have another one."""
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(SettingError, match="REDOUND_SECRET_KEY"):
        with_secret_key(load({"REDOUND_DATA_DIR": str(tmp_path / "data")}), generate=True)


class Database:
    """Remembers a fingerprint as the stores do."""

    mark = ""

    async def mark_key(self, fingerprints):
        """See Marked."""
        if self.mark == "" or self.mark in fingerprints:
            self.mark = fingerprints[0]
        return self.mark


async def test_a_database_remembers_its_key():
    """The first start marks it, later ones compare."""
    database = Database()
    ours = Vault("our secret key of some length ......")
    await check_fingerprint(database, ours)
    await check_fingerprint(database, ours)
    with pytest.raises(WrongKeyError, match="REDOUND_OLD_SECRET_KEYS"):
        await check_fingerprint(database, Vault("another secret key of some length ."))
    assert database.mark == ours.fingerprint


async def test_a_changed_key_is_accepted_together_with_the_old_one():
    """A rotation; from then on the database knows the new key."""
    database = Database()
    await check_fingerprint(database, Vault("our secret key of some length ......"))
    rotated = Vault("a new secret key of some length ....", ["our secret key of some length ......"])
    await check_fingerprint(database, rotated)
    assert database.mark == rotated.fingerprint


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("smtp://localhost", Smtp("localhost", 25, "", "", tls=False, starttls=False)),
        (
            "smtp+starttls://bob%40example.com:p%3Aw@mail.example.com",
            Smtp("mail.example.com", 587, "bob@example.com", "p:w", tls=False, starttls=True),
        ),
        (
            "smtps://u:p@mail.example.com:4465",
            Smtp("mail.example.com", 4465, "u", "p", tls=True, starttls=False),
        ),
        ("", None),
    ],
)
def test_the_mail_server_is_one_address(url, read):
    """Scheme, user, password, host, port; none by default."""
    assert load({"REDOUND_SMTP_URL": url}).smtp == read


def test_a_refused_mail_server_does_not_show_its_password():
    """The message names the setting, never what stands in it."""
    with pytest.raises(SettingError, match="REDOUND_SMTP_URL") as refused:
        load({"REDOUND_SMTP_URL": "mail://bob:secret@mail.example.com"})
    assert "secret" not in str(refused.value)


def test_mail_comes_from_the_console_s_host():
    """Unless the operator says otherwise."""
    settings = load({"REDOUND_BASE_URL": "https://postbacks.example.com"})
    assert settings.mail_from == "Redound <redound@postbacks.example.com>"
