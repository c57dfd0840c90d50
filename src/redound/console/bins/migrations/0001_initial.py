import functools

import django.db.models.deletion
from django.db import migrations, models

import redound.console.bins.models
import redound.console.identity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bin",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=functools.partial(redound.console.identity.fresh_id, *("bin",)),
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "token",
                    models.CharField(
                        default=redound.console.bins.models.fresh_token,
                        editable=False,
                        max_length=40,
                        unique=True,
                    ),
                ),
                ("status", models.IntegerField(default=200)),
                ("delay_ms", models.IntegerField(default=0)),
                ("body", models.TextField(default="OK")),
                ("expires_at", models.BigIntegerField(db_index=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "affiliate",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bins",
                        to="catalog.affiliate",
                    ),
                ),
            ],
            options={
                "db_table": "bins",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="BinRequest",
            fields=[
                ("id", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("bin_id", models.CharField(max_length=40)),
                ("at", models.BigIntegerField()),
                ("method", models.TextField()),
                ("path", models.TextField()),
                ("query", models.TextField()),
                ("headers", models.TextField()),
                ("body", models.TextField()),
                ("truncated", models.BooleanField()),
                ("ip", models.TextField()),
            ],
            options={
                "db_table": "bin_requests",
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["bin_id", "id"], name="bin_requests_of_bin")],
            },
        ),
    ]
