"""What superusers find: people to edit, everything else to look at.

Configuration is changed through the API and the portals, which check and audit it. Secrets are left out,
sealed as they are: not even their sealed text is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse

from redound.console.accounts.models import ApiKey, AuditEntry, User
from redound.console.catalog.models import Advertiser, Affiliate, Brand, Campaign, Goal, Link, Offer
from redound.console.postbacks.models import Postback

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SECRETS = frozenset(
    {
        *("tokens", "path_keys", "signing_secrets", "digest", "params", "headers", "auth"),
        *("signing_secret", "password"),
    }
)


class Backoffice(admin.AdminSite):
    """The admin, for superusers alone."""

    site_header = site_title = "Redound backoffice"
    site_url = "/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether they may come in at all."""
        return bool(request.user.is_active and request.user.is_superuser)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the one page where people sign in: it throttles and asks for second factors."""
        del extra_context
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Lead to the one page where people sign out."""
        del request, extra_context
        return redirect("account_logout")


class Looking(admin.ModelAdmin):  # type: ignore[type-arg]  # one for all models
    """A model to look at."""

    search_fields: ClassVar[tuple[str, ...]] = ("id", "name")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Everything but secrets."""
        del request, obj
        return [field.name for field in self.opts.concrete_fields if field.name not in SECRETS]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of it."""
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        del request, obj
        return False


class LookingAtAudit(Looking):
    """The audit log."""

    list_display = ("at", "by", "action", "noun", "row_id", "row_name")
    search_fields = ("row_id", "row_name", "by")


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg]  # as its superclass at run time
    """A new person; the affiliate goes with the role."""

    class Meta:
        model = User
        fields = ("email", "name", "role", "affiliate")


class People(UserAdmin):  # type: ignore[type-arg]  # of our user
    """People, whom superusers edit."""

    form = UserChangeForm
    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "name", "role", "affiliate", "is_active", "is_superuser")
    list_filter = ("role", "is_active", "is_superuser")
    search_fields = ("email", "name")
    autocomplete_fields = ("affiliate",)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("name", "role", "affiliate", "language", "time_zone", "theme")}),
        (
            "Permissions",
            {
                "fields": (
                    *("is_active", "require_two_factor", "is_staff", "is_superuser"),
                    *("groups", "user_permissions"),
                )
            },
        ),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("email", "name", "role", "affiliate", "usable_password", "password1", "password2")},
        ),
    )


def make_site() -> Backoffice:
    """Return the site with all models registered."""
    site = Backoffice(name="admin")
    site.register(User, People)
    site.register(Group, GroupAdmin)
    site.register(AuditEntry, LookingAtAudit)
    site.register([ApiKey, Advertiser, Brand, Offer, Goal, Affiliate, Campaign, Link, Postback], Looking)
    return site


backoffice = make_site()
