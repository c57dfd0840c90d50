"""People and their keys, what they changed, and the POSTs that they may repeat."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from redound.console.identity import prefixed_id


class Role(models.TextChoices):
    """What a person does here. An operator installs and runs Redound and may do all that a manager may."""

    MANAGER = "manager", "manager"
    AFFILIATE = "affiliate", "affiliate"
    OPERATOR = "operator", "operator"


class People(BaseUserManager["User"]):
    """Finds and makes users by e-mail address, whatever its case."""

    def create_user(self, email: str | None, password: str | None = None, **fields: object) -> User:
        """Return a stored user; without a password nobody can log in as them."""
        user = self.model(email=email or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        """Return an operator who may also use the backoffice."""
        fields = {"role": Role.OPERATOR, "is_staff": True, "is_superuser": True, **fields}
        return self.create_user(email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user who logs in with this address."""
        return self.get(email__iexact=username)


class Theme(models.TextChoices):
    """In which colours a person sees the pages; auto follows their device."""

    AUTO = "auto", "auto"
    LIGHT = "light", "light"
    DARK = "dark", "dark"


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `affiliate` is set for the role affiliate and only then; without `email` no log-in.

    Addresses are kept in lower case. `language`, `time_zone` and `theme` are how they see the pages, blank
    as their browser says. `require_two_factor`: they get to no page before they have a second factor.
    """

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("usr"), editable=False)
    name = models.CharField(max_length=200)
    email = models.EmailField(unique=True, null=True, blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.AFFILIATE)
    affiliate = models.ForeignKey(
        "catalog.Affiliate", on_delete=models.PROTECT, null=True, blank=True, related_name="users"
    )
    language = models.CharField(max_length=10, blank=True, default="")
    time_zone = models.CharField(max_length=60, blank=True, default="")
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO, db_default="auto")
    require_two_factor = models.BooleanField(default=False, db_default=False)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = People()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "users"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                condition=models.Q(role="affiliate", affiliate__isnull=False)
                | (~models.Q(role="affiliate") & models.Q(affiliate__isnull=True)),
                name="user_affiliate_goes_with_role",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store, with the address in lower case."""
        if self.email:
            self.email = self.email.lower()
        super().save(*args, **kwargs)

    @property
    def manages(self) -> bool:
        """Whether this person sees every affiliate's things."""
        return self.role in {Role.MANAGER, Role.OPERATOR}


class Invitation(models.Model):
    """A link with which one person makes their account, once. `digest` is the SHA-256 of its random token.

    Open while `accepted_at` and `revoked_at` are null and `expires_at` lies ahead. The e-mail address and the
    role are those of the invitation, whatever the invited person types.
    """

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("inv"), editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True, default="")
    role = models.CharField(max_length=10, choices=Role.choices)
    affiliate = models.ForeignKey(
        "catalog.Affiliate", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "invitations"
        ordering = ("-id",)
        indexes = (models.Index(fields=["email"], name="invitations_of_an_address"),)

    def __str__(self) -> str:
        return self.email


class Kept(models.Model):
    """The table of Django's cache: counters of throttles and used codes, which all processes must share."""

    cache_key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "kept"

    def __str__(self) -> str:
        return self.cache_key


class ApiKey(models.Model):
    """A bearer key: `digest` is the vault's peppered digest of it, `hint` its recognisable beginning.

    It acts for one affiliate, or, without one, for the manager `user`. `scopes` holds `read`, `write`,
    `{noun}:read` and `{noun}:write`; writing includes reading.
    """

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("key"), editable=False)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=12, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="api_keys")
    affiliate = models.ForeignKey(
        "catalog.Affiliate", on_delete=models.CASCADE, null=True, blank=True, related_name="api_keys"
    )
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "api_keys"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | models.Q(affiliate__isnull=False),
                name="api_key_acts_for_someone",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class AuditEntry(models.Model):
    """One configuration change. `differences` is `{field: [before, after]}` with secrets masked.

    `by` says who in words that outlive the account: "user Bob", "key key_…", "command import".
    """

    id = models.CharField(primary_key=True, max_length=40, default=prefixed_id("adt"), editable=False)
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=250)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    key_id = models.CharField(max_length=40, blank=True, default="")
    affiliate_id = models.CharField(max_length=40, blank=True, default="")
    action = models.CharField(max_length=20)
    noun = models.CharField(max_length=20)
    row_id = models.CharField(max_length=40)
    row_name = models.CharField(max_length=200, blank=True, default="")
    differences = models.JSONField(default=dict)

    class Meta:
        db_table = "audit"
        ordering = ("-id",)
        indexes = (models.Index(fields=["noun", "row_id"], name="audit_of_a_row"),)
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.by}: {self.action} {self.row_id}"


class RepeatablePost(models.Model):
    """A POST that carried an Idempotency-Key: what it asked and, once `finished_at`, what was answered.

    `answer` is sealed, for it may hold a key that is shown once. Kept for 24 hours.
    """

    id = models.BigAutoField(primary_key=True)
    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(blank=True, default="")

    class Meta:
        db_table = "repeatable_posts"
        constraints = (
            models.UniqueConstraint(fields=["api_key", "idempotency_key"], name="idempotency_key_once"),
        )

    def __str__(self) -> str:
        return self.idempotency_key
