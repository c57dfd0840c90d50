"""Every setting of the installation: its name, where its value is, and what it means in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `kind` says how its value is shown, `secret` never."""

    name: str
    attribute: str
    meaning: _StrPromise
    kind: Literal["text", "seconds", "list", "switch", "secret", "url", "days"] = "text"


@dataclass(frozen=True, slots=True)
class Group:
    """Settings under one heading."""

    words: _StrPromise
    settings: tuple[Setting, ...]


GROUPS: Final = (
    Group(
        _("Where things are"),
        (
            Setting("REDOUND_DATA_DIR", "data_dir", _("Database of SQLite, secret key, spill file.")),
            Setting("REDOUND_DATABASE_URL", "database_url", _("The database."), "url"),
            Setting("REDOUND_BASE_URL", "base_url", _("Where people reach these pages.")),
            Setting("REDOUND_TRACKING_URL", "tracking_url", _("Where links, reports, pixels and bins are.")),
            Setting(
                "REDOUND_GEOIP_DB", "geoip_db", _("File that tells countries; without it they stay empty.")
            ),
        ),
    ),
    Group(
        _("Mail"),
        (
            Setting(
                "REDOUND_SMTP_URL",
                "smtp",
                _("The mail server; without it links are shown instead."),
                "secret",
            ),
            Setting("REDOUND_MAIL_FROM", "mail_from", _("The sender of every mail.")),
        ),
    ),
    Group(
        _("Signing in"),
        (
            Setting("REDOUND_REQUIRE_TWO_FACTOR", "require_two_factor", _("Who needs a second factor.")),
            Setting(
                "REDOUND_SESSION_IDLE",
                "session_idle_seconds",
                _("A session unused for so long ends."),
                "seconds",
            ),
            Setting(
                "REDOUND_SESSION_LIFETIME",
                "session_lifetime_seconds",
                _("A session ends after so long."),
                "seconds",
            ),
        ),
    ),
    Group(
        _("Secret keys"),
        (
            Setting("REDOUND_SECRET_KEY", "secret_key", _("All other keys are derived from it."), "secret"),
            Setting("REDOUND_OLD_SECRET_KEYS", "old_secret_keys", _("Earlier ones, still read."), "secret"),
        ),
    ),
    Group(
        _("Delivery"),
        (
            Setting(
                "REDOUND_RETRY_SCHEDULE",
                "retry_schedule",
                _("Waits between attempts; the last repeats."),
                "list",
            ),
            Setting("REDOUND_MAX_ATTEMPTS", "max_attempts", _("Attempts before a delivery is given up.")),
            Setting(
                "REDOUND_ATTEMPT_TIMEOUT",
                "attempt_timeout_seconds",
                _("One deadline for a whole attempt."),
                "seconds",
            ),
            Setting(
                "REDOUND_ALLOW_NETWORKS",
                "allow_networks",
                _("Private networks that receivers may be in."),
                "list",
            ),
            Setting("REDOUND_HOST_CONCURRENCY", "host_concurrency", _("Attempts at a time to one host.")),
            Setting(
                "REDOUND_POSTBACK_CONCURRENCY",
                "postback_concurrency",
                _("Attempts at a time of one postback."),
            ),
            Setting("REDOUND_IN_FLIGHT", "in_flight", _("Attempts at a time of one worker.")),
            Setting(
                "REDOUND_RESUME_PER_SECOND",
                "resume_per_second",
                _("How fast what was parked or missed is sent."),
            ),
            Setting(
                "REDOUND_MANUAL_DELAY",
                "manual_delay_seconds",
                _("How long postbacks of a manager's change wait; so long it can be undone."),
                "seconds",
            ),
            Setting(
                "REDOUND_DISABLE_AFTER_FAILURES",
                "disable_after_failures",
                _("Failures in a row that disable; 0: only given-up deliveries do."),
            ),
            Setting(
                "REDOUND_DISABLE_WITHIN",
                "disable_within_seconds",
                _("Within which time these failures count."),
                "seconds",
            ),
        ),
    ),
    Group(
        _("Traffic"),
        (
            Setting(
                "REDOUND_TRUSTED_PROXIES",
                "trusted_proxies",
                _("Proxies whose forwarding headers count."),
                "list",
            ),
            Setting(
                "REDOUND_CLICK_DUPLICATE_WINDOW",
                "click_duplicate_seconds",
                _("The same click again within it is not valid."),
                "seconds",
            ),
            Setting(
                "REDOUND_EVALUATION_INTERVAL",
                "evaluation_seconds",
                _("How often reward plans are evaluated."),
                "seconds",
            ),
            Setting(
                "REDOUND_WATCH_INTERVAL", "watch_seconds", _("How often incidents are looked for."), "seconds"
            ),
            Setting(
                "REDOUND_HTML_PIXELS",
                "html_pixels",
                _("Whether HTML postbacks are shown in browsers."),
                "switch",
            ),
        ),
    ),
    Group(
        _("How long things are kept"),
        (
            Setting("REDOUND_KEEP_CLICKS", "keep_clicks_days", _("Clicks."), "days"),
            Setting("REDOUND_KEEP_REPORTS", "keep_reports_days", _("Reports."), "days"),
            Setting("REDOUND_KEEP_ATTEMPTS", "keep_attempts_days", _("Attempts."), "days"),
            Setting("REDOUND_KEEP_DELIVERIES", "keep_deliveries_days", _("Deliveries."), "days"),
            Setting("REDOUND_KEEP_IPS", "keep_ips_days", _("IP addresses of clicks and reports."), "days"),
            Setting("REDOUND_KEEP_IMPORTS", "keep_imports_days", _("Imported files."), "days"),
        ),
    ),
    Group(
        _("Logging"),
        (
            Setting("REDOUND_LOG_LEVEL", "log_level", _("How much is logged.")),
            Setting("REDOUND_DEBUG", "debug", _("For developers alone."), "switch"),
        ),
    ),
)
