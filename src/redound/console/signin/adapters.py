"""What allauth asks us: where people go, how mails are sent, how secrets are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter

from redound.console import runtime
from redound.console.signin import mailing, paths, preferences, second_factors, throttling, visits
from redound.logs import log

if TYPE_CHECKING:
    from allauth.mfa.models import Authenticator
    from django.http import HttpRequest, HttpResponse

    from redound.console.accounts.models import User

PLACE = "second factors//secret"


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """Accounts come by invitation; people log in with their address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a manager invites."""
        del request
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return where the request comes from, as our server says."""
        return visits.address_of(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the start of the person's own portal."""
        return paths.home(request.user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the profile."""
        return paths.profile(request.user)

    def is_safe_url(self, url: str) -> bool:
        """Whether `next` may lead there: to paths of ours and nowhere else."""
        return paths.own_path(url)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse when there were too many tries."""
        address = str(credentials.get("email", "")).lower()
        self._login_failed_rl_usage = throttling.consume(request, address)
        if self._login_failed_rl_usage is None:
            log.warning("signin.throttled", ip=self.get_client_ip(request))
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note it; who was tried is not written down, for people type passwords there."""
        del credentials
        log.info("signin.failed", ip=self.get_client_ip(request))

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the person's password. Counted as a log-in is."""
        found = self.authenticate(context.request, email=user.email, password=password)
        return bool(found is not None and found.pk == user.pk)

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin a session under a new key. Who has just given their password need not give it again."""
        super().login(request, user)
        visits.begin(request)
        record_authentication(request, user, method="signed_in", reauthenticated=True)

    def post_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse:
        """Send them on their way, and know their browser again."""
        response: HttpResponse = super().post_login(request, user, **more)
        throttling.remember_device(request, response, user.email or "")
        preferences.bring_along(response, user)
        log.info("signin.succeeded", user_id=user.pk, ip=self.get_client_ip(request))
        return response

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        throttling.forgive(request, str(credentials.get("email", "")))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a mail: under the configured address, whatever host was asked for."""
        user_id, _, token = key.partition("-")
        return paths.reset_link(user_id, token)

    def format_email_subject(self, subject: str) -> str:
        """Return the subject as it is."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail after the answer, where there is a mail server."""
        ours = runtime.settings()
        if ours.smtp is None:
            return
        values = {"email": email, "base_url": ours.base_url, **context}
        mailing.post(self.render_mail(template_prefix, email, values), template_prefix)


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is not typed
    """Second factors, their secrets sealed."""

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return runtime.vault().seal(text, PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret."""
        return runtime.vault().unseal(encrypted_text, PLACE)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether the person may do without: not while it is required of them."""
        return not second_factors.required_of(authenticator.user)
