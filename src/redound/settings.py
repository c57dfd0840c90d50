"""Every setting, read once from the environment. A bad value is refused with its name and the remedy."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")
N = TypeVar("N", int, float)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_RETRY_SCHEDULE = "10s,30s,1m,2m,5m,10m,15m,30m,45m,1h,1h,1h,1h,2h,2h,2h,2h,3h,3h,3h,4h,4h,4h,6h"
MAX_DAYS = 36_500
MINUTE, DAY = 60, 86_400
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)


class SettingError(Exception):
    """A setting has a value that cannot be used."""

    def __init__(self, name: str, problem: str) -> None:
        """Name the setting, then what is wrong and what would be right."""
        super().__init__(f"{name}: {problem}")
        self.name = name


def parse_duration(text: str) -> float:
    """Return seconds for "250ms", "10s", "5m", "2h" or "1d"; ValueError otherwise."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        msg = f"{text!r} is not a duration; write a number with ms, s, m, h or d, for example 10s"
        raise ValueError(msg)
    return float(found[1]) * _UNITS[found[2]]


def parse_schedule(text: str) -> tuple[float, ...]:
    """Return the seconds of a comma-separated list of durations, at least one."""
    return tuple(parse_duration(part) for part in text.split(","))


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a comma-separated list of CIDRs."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Smtp:
    """The operator's mail server. `tls` is from the start, `starttls` after greeting; not both."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    starttls: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. `database_url` is `sqlite:///path` or `postgresql://…`."""

    data_dir: Path
    database_url: str
    secret_key: str
    old_secret_keys: tuple[str, ...]
    base_url: str
    tracking_url: str
    retry_schedule: tuple[float, ...]
    max_attempts: int
    attempt_timeout_seconds: float
    allow_networks: tuple[Network, ...]
    trusted_proxies: tuple[Network, ...]
    host_concurrency: int
    postback_concurrency: int
    in_flight: int
    resume_per_second: float
    manual_delay_seconds: float
    keep_clicks_days: int
    keep_reports_days: int
    keep_attempts_days: int
    keep_deliveries_days: int
    keep_ips_days: int
    keep_imports_days: int
    disable_after_failures: int
    disable_within_seconds: float
    click_duplicate_seconds: float
    evaluation_seconds: float
    watch_seconds: float
    html_pixels: bool
    geoip_db: str
    smtp: Smtp | None
    mail_from: str
    require_two_factor: Literal["none", "managers", "all"]
    session_idle_seconds: float
    session_lifetime_seconds: float
    log_level: str
    debug: bool

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """Which of the two databases is used."""
        return "sqlite" if self.database_url.startswith("sqlite:") else "postgres"

    @property
    def pixel_host(self) -> str:
        """Where HTML postbacks may be shown; "" while they are off, or that would be the console's origin."""
        console, tracking = urlsplit(self.base_url), urlsplit(self.tracking_url)
        apart = (console.scheme, console.netloc) != (tracking.scheme, tracking.netloc)
        return tracking.netloc.lower() if self.html_pixels and apart else ""

    @property
    def sqlite_path(self) -> Path:
        """The database file of a `sqlite:///` URL."""
        return Path(self.database_url.removeprefix("sqlite:///"))


def _read(env: Mapping[str, str], name: str, default: str, parse: Callable[[str], T]) -> T:
    raw = env.get(name, "").strip() or default
    try:
        return parse(raw)
    except ValueError as error:
        raise SettingError(name, str(error)) from None


def _positive(kind: Callable[[str], N]) -> Callable[[str], N]:
    def parse(text: str) -> N:
        value = kind(text)
        if value <= 0:
            msg = f"{text} must be above zero"
            raise ValueError(msg)
        return value

    return parse


def _days(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > MAX_DAYS:
        msg = f"{text!r} is not a number of days; write 90, or 0 for ever"
        raise ValueError(msg)
    return int(text)


def _seconds(text: str) -> float:
    return parse_duration(text)


def _at_least_a_second(text: str) -> float:
    seconds = parse_duration(text)
    if seconds < 1:
        msg = f"{text} is less than a second"
        raise ValueError(msg)
    return seconds


def _at_least_a_minute(text: str) -> float:
    seconds = parse_duration(text)
    if not MINUTE <= seconds <= MAX_DAYS * DAY:
        msg = f"{text} is not between a minute and {MAX_DAYS} days"
        raise ValueError(msg)
    return seconds


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        msg = f"{text!r} is not an http(s) address; write for example https://postbacks.example.com"
        raise ValueError(msg)
    return text.rstrip("/")


def _database_url(text: str) -> str:
    if text.startswith(("sqlite:///", "postgresql://", "postgres://")):
        return text
    msg = f"{text!r} is neither sqlite:///path nor postgresql://user@host/name"
    raise ValueError(msg)


def _log_level(text: str) -> str:
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        msg = f"{text!r} is not one of DEBUG, INFO, WARNING, ERROR"
        raise ValueError(msg)
    return text.upper()


_SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def _smtp(text: str) -> Smtp | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in _SMTP_PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        # The address may hold a password, so it is not repeated.
        msg = (
            "this is not the address of a mail server; "
            "write for example smtp+starttls://user:password@mail.example.com:587"
        )
        raise ValueError(msg)
    return Smtp(
        host=parts.hostname,
        port=parts.port or _SMTP_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp+starttls",
    )


def _mail_host(base_url: str) -> str:
    return urlsplit(base_url).hostname or "localhost"


def _mail_from(text: str) -> str:
    if "@" not in parseaddr(text)[1] or not text.isprintable():
        msg = f"{text!r} is not a sender; write for example Redound <postbacks@example.com>"
        raise ValueError(msg)
    return text


def _whom(text: str) -> Literal["none", "managers", "all"]:
    match text.lower():
        case "none" | "managers" | "all" as whom:
            return whom
        case _:
            msg = f"{text!r} is not one of none, managers, all"
            raise ValueError(msg)


def _switch(text: str) -> bool:
    if text.lower() not in {"0", "1", "true", "false", "yes", "no"}:
        msg = f"{text!r} is neither 1 nor 0"
        raise ValueError(msg)
    return text.lower() in {"1", "true", "yes"}


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. The secret key may come back empty: who may generate one is the caller's affair."""
    env = os.environ if env is None else env
    data_dir = Path(env.get("REDOUND_DATA_DIR", "") or "redound-data")
    base_url = _read(env, "REDOUND_BASE_URL", "http://127.0.0.1:8000", _url)
    return Settings(
        data_dir=data_dir,
        database_url=_read(
            env, "REDOUND_DATABASE_URL", f"sqlite:///{data_dir / 'redound.sqlite3'}", _database_url
        ),
        secret_key=env.get("REDOUND_SECRET_KEY", ""),
        old_secret_keys=tuple(key for key in env.get("REDOUND_OLD_SECRET_KEYS", "").split(",") if key),
        base_url=base_url,
        tracking_url=_read(env, "REDOUND_TRACKING_URL", base_url, _url),
        retry_schedule=_read(env, "REDOUND_RETRY_SCHEDULE", DEFAULT_RETRY_SCHEDULE, parse_schedule),
        max_attempts=_read(env, "REDOUND_MAX_ATTEMPTS", "25", _positive(int)),
        attempt_timeout_seconds=_read(env, "REDOUND_ATTEMPT_TIMEOUT", "15s", _seconds),
        allow_networks=_read(env, "REDOUND_ALLOW_NETWORKS", "", parse_networks),
        trusted_proxies=_read(env, "REDOUND_TRUSTED_PROXIES", "", parse_networks),
        host_concurrency=_read(env, "REDOUND_HOST_CONCURRENCY", "64", _positive(int)),
        postback_concurrency=_read(env, "REDOUND_POSTBACK_CONCURRENCY", "32", _positive(int)),
        in_flight=_read(env, "REDOUND_IN_FLIGHT", "1024", _positive(int)),
        resume_per_second=_read(env, "REDOUND_RESUME_PER_SECOND", "50", _positive(float)),
        manual_delay_seconds=_read(env, "REDOUND_MANUAL_DELAY", "0s", _seconds),
        keep_clicks_days=_read(env, "REDOUND_KEEP_CLICKS", "0", _days),
        keep_reports_days=_read(env, "REDOUND_KEEP_REPORTS", "0", _days),
        keep_attempts_days=_read(env, "REDOUND_KEEP_ATTEMPTS", "0", _days),
        keep_deliveries_days=_read(env, "REDOUND_KEEP_DELIVERIES", "0", _days),
        keep_ips_days=_read(env, "REDOUND_KEEP_IPS", "0", _days),
        keep_imports_days=_read(env, "REDOUND_KEEP_IMPORTS", "90", _days),
        disable_after_failures=_read(env, "REDOUND_DISABLE_AFTER_FAILURES", "0", int),
        disable_within_seconds=_read(env, "REDOUND_DISABLE_WITHIN", "1h", _seconds),
        click_duplicate_seconds=_read(env, "REDOUND_CLICK_DUPLICATE_WINDOW", "1h", _seconds),
        evaluation_seconds=_read(env, "REDOUND_EVALUATION_INTERVAL", "10m", _at_least_a_second),
        watch_seconds=_read(env, "REDOUND_WATCH_INTERVAL", "5m", _at_least_a_second),
        html_pixels=_read(env, "REDOUND_HTML_PIXELS", "0", _switch),
        geoip_db=env.get("REDOUND_GEOIP_DB", ""),
        smtp=_read(env, "REDOUND_SMTP_URL", "", _smtp),
        mail_from=_read(env, "REDOUND_MAIL_FROM", f"Redound <redound@{_mail_host(base_url)}>", _mail_from),
        require_two_factor=_read(env, "REDOUND_REQUIRE_TWO_FACTOR", "none", _whom),
        session_idle_seconds=_read(env, "REDOUND_SESSION_IDLE", "1d", _at_least_a_minute),
        session_lifetime_seconds=_read(env, "REDOUND_SESSION_LIFETIME", "14d", _at_least_a_minute),
        log_level=_read(env, "REDOUND_LOG_LEVEL", "INFO", _log_level),
        debug=_read(env, "REDOUND_DEBUG", "0", _switch),
    )
