import functools

from django.db import migrations, models

import redound.console.identity


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=functools.partial(redound.console.identity.fresh_id, *("job",)),
                        editable=False,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("wanted", models.JSONField(default=dict)),
                ("state", models.CharField(default="counting", max_length=20)),
                ("stop_wanted", models.BooleanField(default=False)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("cursor", models.CharField(blank=True, default="", max_length=60)),
                ("counted", models.JSONField(default=dict)),
                ("counts", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True, default="")),
                ("holder", models.CharField(blank=True, default="", max_length=40)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                ("by", models.CharField(max_length=250)),
                ("user_id", models.CharField(blank=True, max_length=40, null=True)),
                ("affiliate_id", models.CharField(blank=True, max_length=40, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "jobs",
                "ordering": ("-id",),
            },
        ),
    ]
