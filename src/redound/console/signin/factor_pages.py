"""allauth's pages of second factors, with our drawing of the code and a line in the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qrcode
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView

from redound.console.accounts import audit
from redound.console.shell.page import caller_of
from redound.console.signin import second_factors
from redound.console.signin.forms import use
from redound.console.signin.middleware import HAS_SECOND_FACTOR

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def note(request: HttpRequest, action: str) -> None:
    """Write into the audit log what a person did to their own account."""
    user: Any = request.user
    audit.record(caller_of(user), action, user, {}, {})


def drawing(text: str) -> dict[str, Any]:
    """Return a QR code as SVG wants it: the side in modules, and one path over the dark ones."""
    code = qrcode.QRCode(border=2, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    dark = ((x, y) for y, row in enumerate(rows) for x, module in enumerate(row) if module)
    return {"side": len(rows), "path": "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)}


class Activate(ActivateTOTPView):  # type: ignore[misc]  # allauth is not typed
    """Sets up an authenticator app."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the drawing, and whether the person has no choice."""
        values: dict[str, Any] = super().get_context_data(**kwargs)
        required = second_factors.required_of(self.request.user)
        return values | {"qr": drawing(values["totp_url"]), "required": required}

    def form_valid(self, form: Any) -> HttpResponse:
        """Turn it on. The code is used with that."""
        use(self.request.user, form.cleaned_data["code"])
        response: HttpResponse = super().form_valid(form)
        note(self.request, "two_factor_on")
        return response


class Deactivate(DeactivateTOTPView):  # type: ignore[misc]  # allauth is not typed
    """Does away with the authenticator app."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Turn it off."""
        response: HttpResponse = super().form_valid(form)
        self.request.session.pop(HAS_SECOND_FACTOR, None)
        note(self.request, "two_factor_off")
        return response


class NewCodes(GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth is not typed
    """Makes new recovery codes; the old ones are worth nothing from then on."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Make them."""
        response: HttpResponse = super().form_valid(form)
        note(self.request, "recovery_codes")
        return response


activate = Activate.as_view()
deactivate = Deactivate.as_view()
new_codes = NewCodes.as_view()
