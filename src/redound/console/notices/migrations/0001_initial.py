import functools

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import redound.console.identity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_affiliates"),
        ("traffic", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Wishes",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notice_wishes",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("digest", models.CharField(default="immediately", max_length=12)),
                ("hour", models.SmallIntegerField(default=9)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "notice_wishes",
            },
        ),
        migrations.CreateModel(
            name="Sending",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("notification_id", models.CharField(max_length=64)),
                ("channel_id", models.CharField(max_length=40)),
                ("state", models.CharField(db_default="waiting", default="waiting", max_length=8)),
                ("due_at", models.BigIntegerField()),
                ("lease", models.CharField(db_default="", default="", max_length=200)),
                ("attempts", models.IntegerField(db_default=0, default=0)),
                ("error", models.TextField(db_default="", default="")),
                ("created_at", models.BigIntegerField()),
                ("finished_at", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "notice_sendings",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["due_at"],
                        name="notice_sendings_due",
                    ),
                    models.Index(fields=["channel_id", "id"], name="notice_sendings_of_channel"),
                    models.Index(
                        condition=models.Q(("lease", ""), _negated=True),
                        fields=["lease"],
                        name="notice_sendings_leased",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("notification_id", "channel_id"), name="notice_sending_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=functools.partial(redound.console.identity.fresh_id, *("nch",)),
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("telegram", "Telegram"),
                            ("slack", "Slack"),
                            ("webhook", "Webhook"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("shown", models.CharField(blank=True, default="", max_length=300)),
                ("secret", models.TextField(blank=True, default="")),
                ("kinds", models.TextField(blank=True, default="")),
                ("enabled", models.BooleanField(default=True)),
                ("since", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_channels",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "notice_channels",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "email")),
                        fields=("user",),
                        name="notice_channel_email_once",
                    )
                ],
            },
        ),
        # The bell is on every page.
        migrations.RunSQL(
            "CREATE INDEX notifications_unread ON notifications (audience, affiliate_id, id) WHERE read_at IS NULL",
            "DROP INDEX notifications_unread",
        ),
    ]
