import django.db.models.deletion
from django.db import migrations, models

from redound.console.traffic import ddl


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("postbacks", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(ddl.from_file(""))],
            state_operations=[
                migrations.CreateModel(
                    name="ConfigChange",
                    fields=[
                        ("version", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("noun", models.TextField()),
                        ("row_id", models.TextField()),
                    ],
                    options={
                        "db_table": "config_changes",
                    },
                ),
                migrations.CreateModel(
                    name="ConfigVersion",
                    fields=[
                        ("id", models.IntegerField(primary_key=True, serialize=False)),
                        ("version", models.BigIntegerField()),
                    ],
                    options={
                        "db_table": "config_version",
                    },
                ),
                migrations.CreateModel(
                    name="PostbackHealth",
                    fields=[
                        (
                            "postback",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                primary_key=True,
                                related_name="health",
                                serialize=False,
                                to="postbacks.postback",
                            ),
                        ),
                        ("state", models.TextField(db_default="ok")),
                        ("failures_in_row", models.IntegerField(db_default=0)),
                        ("failed_attempts", models.IntegerField(db_default=0)),
                        ("first_failure_at", models.BigIntegerField(null=True)),
                        ("last_success_at", models.BigIntegerField(null=True)),
                        ("disabled_at", models.BigIntegerField(null=True)),
                        ("disabled_reason", models.TextField(db_default="")),
                        ("last_response", models.TextField(db_default="")),
                    ],
                    options={
                        "db_table": "postback_health",
                    },
                ),
                migrations.CreateModel(
                    name="Worker",
                    fields=[
                        ("node", models.TextField(primary_key=True, serialize=False)),
                        ("role", models.TextField()),
                        ("started_at", models.BigIntegerField()),
                        ("seen_at", models.BigIntegerField()),
                    ],
                    options={
                        "db_table": "workers",
                    },
                ),
                migrations.CreateModel(
                    name="Click",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("created_at", models.BigIntegerField()),
                        ("ip", models.TextField(db_default="")),
                        ("user_agent", models.TextField(db_default="")),
                        ("referrer", models.TextField(db_default="")),
                        ("country", models.TextField(db_default="")),
                        ("params", models.JSONField(db_default=models.Value({}, models.JSONField()))),
                        ("valid", models.BooleanField(db_default=True)),
                        ("invalid_reason", models.TextField(db_default="")),
                        ("test", models.BooleanField(db_default=False)),
                        (
                            "affiliate",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.affiliate",
                            ),
                        ),
                        (
                            "brand",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.brand",
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.campaign",
                            ),
                        ),
                        (
                            "link",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.link",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.offer",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "clicks",
                        "ordering": ("-id",),
                    },
                ),
                migrations.CreateModel(
                    name="Conversion",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("status", models.TextField()),
                        ("status_word", models.TextField(db_default="")),
                        ("txid", models.TextField(db_default="")),
                        ("slot", models.TextField(db_default="")),
                        ("customer_id", models.TextField(db_default="")),
                        ("amount_minor", models.BigIntegerField(null=True)),
                        ("amount_currency", models.TextField(db_default="")),
                        ("payout_minor", models.BigIntegerField(null=True)),
                        ("payout_currency", models.TextField(db_default="")),
                        ("revenue_minor", models.BigIntegerField(null=True)),
                        ("revenue_currency", models.TextField(db_default="")),
                        ("adv_subs", models.JSONField(db_default=models.Value({}, models.JSONField()))),
                        ("test", models.BooleanField(db_default=False)),
                        ("seen", models.IntegerField()),
                        ("hold_until", models.BigIntegerField(null=True)),
                        ("created_at", models.BigIntegerField()),
                        ("updated_at", models.BigIntegerField()),
                        ("version", models.IntegerField(db_default=1)),
                        (
                            "advertiser",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.advertiser",
                            ),
                        ),
                        (
                            "affiliate",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.affiliate",
                            ),
                        ),
                        (
                            "brand",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.brand",
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.campaign",
                            ),
                        ),
                        (
                            "click",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="traffic.click",
                            ),
                        ),
                        (
                            "goal",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.goal",
                            ),
                        ),
                        (
                            "link",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.link",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.offer",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "conversions",
                        "ordering": ("-id",),
                    },
                ),
                migrations.CreateModel(
                    name="Delivery",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("fire_key", models.TextField()),
                        ("macro_values", models.JSONField()),
                        ("state", models.TextField(db_default="open")),
                        ("ended_because", models.TextField(db_default="")),
                        ("attempts", models.IntegerField(db_default=0)),
                        ("test", models.BooleanField(db_default=False)),
                        ("created_at", models.BigIntegerField()),
                        ("finished_at", models.BigIntegerField(null=True)),
                        (
                            "affiliate",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.affiliate",
                            ),
                        ),
                        (
                            "click",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="traffic.click",
                            ),
                        ),
                        (
                            "conversion",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="traffic.conversion",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.offer",
                            ),
                        ),
                        (
                            "postback",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="postbacks.postback",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "deliveries",
                        "ordering": ("-id",),
                    },
                ),
                migrations.CreateModel(
                    name="Attempt",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("number", models.IntegerField()),
                        ("started_at", models.BigIntegerField()),
                        ("duration_ms", models.IntegerField()),
                        ("outcome", models.TextField()),
                        ("status", models.IntegerField(null=True)),
                        ("request", models.TextField()),
                        ("response", models.TextField(db_default="")),
                        ("error_kind", models.TextField(db_default="")),
                        ("error_detail", models.TextField(db_default="")),
                        (
                            "postback",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="postbacks.postback",
                            ),
                        ),
                        (
                            "delivery",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="attempt_rows",
                                to="traffic.delivery",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "attempts",
                        "ordering": ("id",),
                    },
                ),
                migrations.CreateModel(
                    name="Notification",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("kind", models.TextField()),
                        ("audience", models.TextField()),
                        ("text", models.TextField()),
                        ("data", models.JSONField(db_default=models.Value({}, models.JSONField()))),
                        ("created_at", models.BigIntegerField()),
                        ("read_at", models.BigIntegerField(null=True)),
                        (
                            "affiliate",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.affiliate",
                            ),
                        ),
                        (
                            "postback",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="postbacks.postback",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "notifications",
                        "ordering": ("-id",),
                    },
                ),
                migrations.CreateModel(
                    name="Report",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("received_at", models.BigIntegerField()),
                        ("txid", models.TextField(db_default="")),
                        ("verdict", models.TextField()),
                        ("detail", models.TextField(db_default="")),
                        ("method", models.TextField(db_default="GET")),
                        ("raw_query", models.TextField(db_default="")),
                        ("raw_body", models.TextField(db_default="")),
                        ("content_type", models.TextField(db_default="")),
                        ("ip", models.TextField(db_default="")),
                        ("test", models.BooleanField(db_default=False)),
                        (
                            "advertiser",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.advertiser",
                            ),
                        ),
                        (
                            "affiliate",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.affiliate",
                            ),
                        ),
                        (
                            "click",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="traffic.click",
                            ),
                        ),
                        (
                            "conversion",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="traffic.conversion",
                            ),
                        ),
                        (
                            "offer",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="catalog.offer",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "reports",
                        "ordering": ("-id",),
                    },
                ),
                migrations.CreateModel(
                    name="Transition",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("from_status", models.TextField(db_default="")),
                        ("to_status", models.TextField()),
                        ("at", models.BigIntegerField()),
                        ("actor", models.TextField()),
                        ("by", models.TextField(db_default="")),
                        ("reason", models.TextField(db_default="")),
                        ("evaluations", models.JSONField(db_default=models.Value([], models.JSONField()))),
                        (
                            "conversion",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="transitions",
                                to="traffic.conversion",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                db_constraint=False,
                                db_default="",
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="traffic.report",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "transitions",
                        "ordering": ("id",),
                    },
                ),
                migrations.AddField(
                    model_name="delivery",
                    name="transition",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_default="",
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="traffic.transition",
                    ),
                ),
                migrations.CreateModel(
                    name="Due",
                    fields=[
                        (
                            "delivery",
                            models.OneToOneField(
                                db_constraint=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                primary_key=True,
                                related_name="due",
                                serialize=False,
                                to="traffic.delivery",
                            ),
                        ),
                        ("queue", models.IntegerField(db_default=0)),
                        ("at", models.BigIntegerField()),
                        ("lease", models.TextField(db_default="")),
                        ("attempts", models.IntegerField(db_default=0)),
                        ("receiver_failures", models.IntegerField(db_default=0)),
                        ("first_attempt_at", models.BigIntegerField(null=True)),
                        ("ordered", models.BooleanField(db_default=False)),
                        (
                            "postback",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to="postbacks.postback",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "due",
                    },
                ),
            ],
        ),
    ]
