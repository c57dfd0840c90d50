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
            name="TrackerEntry",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=functools.partial(redound.console.identity.fresh_id, *("trk",)),
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("content", models.JSONField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "affiliate",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trackers",
                        to="catalog.affiliate",
                    ),
                ),
            ],
            options={
                "db_table": "tracker_entries",
                "ordering": ("name", "id"),
            },
        ),
    ]
