"""The addresses of signing in, outside of both portals: of allauth's pages only those that we use.

There is no sign-up, and a person's one address is a field of their profile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from django.urls import path, re_path

from redound.console.signin import accepting, factor_pages, preferences, session_pages

if TYPE_CHECKING:
    from django.urls import URLPattern

urlpatterns: list[URLPattern] = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", session_pages.change_password, name="account_change_password"),
    path("accounts/password/reset/", session_pages.ask_for_link, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z_]+)-(?P<key>[0-9A-Za-z-]+)/$",
        session_pages.reset_password,
        name="account_reset_password_from_key",
    ),
    path("accounts/2fa/", factors.index, name="mfa_index"),
    path("accounts/2fa/authenticate/", factors.authenticate, name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", factor_pages.activate, name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", factor_pages.deactivate, name="mfa_deactivate_totp"),
    path("accounts/2fa/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/2fa/recovery-codes/generate/", factor_pages.new_codes, name="mfa_generate_recovery_codes"),
    path(
        "accounts/2fa/recovery-codes/download/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("accounts/sessions/", session_pages.sessions, name="usersessions_list"),
    path("accounts/sessions/<int:row_id>/end/", session_pages.end, name="session-end"),
    path("accounts/invitation/", accepting.accept, name="invitation-accept"),
    path("accounts/invitation/<str:token>/", accepting.opened, name="invitation-open"),
    path("preferences/", preferences.choose, name="preferences"),
]
