import functools

import django.db.models.deletion
from django.db import migrations, models

import redound.console.identity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=functools.partial(redound.console.identity.fresh_id, *("imp",)),
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("identity", models.CharField(max_length=64, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("mapping", models.JSONField(default=dict)),
                ("columns", models.JSONField(default=dict)),
                ("file_name", models.CharField(max_length=200)),
                ("path", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("size_bytes", models.BigIntegerField()),
                ("dry_run", models.BooleanField(default=True)),
                ("state", models.CharField(default="waiting", max_length=20)),
                ("holder", models.CharField(blank=True, default="", max_length=40)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                ("next_row", models.PositiveIntegerField(default=0)),
                ("read_bytes", models.BigIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True, default="")),
                ("created_by", models.CharField(blank=True, default="", max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "advertiser",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="catalog.advertiser",
                    ),
                ),
            ],
            options={
                "db_table": "imports",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "import_of_id", "row", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("row", models.PositiveIntegerField(db_column="number")),
                ("verdict", models.CharField(max_length=30)),
                ("column", models.CharField(blank=True, db_column="column_name", default="", max_length=80)),
                ("detail", models.TextField(blank=True, default="")),
                ("subject", models.CharField(blank=True, default="", max_length=40)),
                (
                    "import_of",
                    models.ForeignKey(
                        db_column="import_id",
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="verdicts",
                        to="imports.import",
                    ),
                ),
            ],
            options={
                "db_table": "import_rows",
                "ordering": ("row",),
            },
        ),
    ]
