import functools
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import redound.console.identity


def to_lower_case(apps: Any, schema_editor: object) -> None:
    """An address is looked for in lower case; the unique index already knows no case."""
    del schema_editor
    users = apps.get_model("accounts", "User").objects
    for user in users.exclude(email=None).iterator():
        if user.email != user.email.lower():
            users.filter(pk=user.pk).update(email=user.email.lower())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_affiliates"), ("catalog", "0003_caps")]

    operations = [
        migrations.AddField(
            "user",
            "theme",
            models.CharField(
                choices=[("auto", "auto"), ("light", "light"), ("dark", "dark")],
                db_default="auto",
                default="auto",
                max_length=5,
            ),
        ),
        migrations.AddField(
            "user", "require_two_factor", models.BooleanField(db_default=False, default=False)
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=functools.partial(redound.console.identity.fresh_id, *("inv",)),
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(blank=True, default="", max_length=200)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("manager", "manager"),
                            ("affiliate", "affiliate"),
                            ("operator", "operator"),
                        ],
                        max_length=10,
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "affiliate",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.affiliate",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "invitations",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["email"], name="invitations_of_an_address")],
            },
        ),
        migrations.CreateModel(
            name="Kept",
            fields=[
                ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "kept"},
        ),
        migrations.RunPython(to_lower_case, migrations.RunPython.noop),
    ]
