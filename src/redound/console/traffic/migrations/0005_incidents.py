from django.db import migrations, models

from redound.console.traffic import ddl


class Migration(migrations.Migration):
    dependencies = [("traffic", "0004_cap_counts")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(ddl.from_file("incidents_"))],
            state_operations=[
                migrations.CreateModel(
                    name="Incident",
                    fields=[
                        ("id", models.TextField(primary_key=True, serialize=False)),
                        ("kind", models.TextField()),
                        ("subject", models.TextField()),
                        ("postback_id", models.TextField(db_default="")),
                        ("offer_id", models.TextField(db_default="")),
                        ("advertiser_id", models.TextField(db_default="")),
                        ("affiliate_id", models.TextField(db_default="")),
                        ("evidence", models.TextField()),
                        ("opened_at", models.BigIntegerField()),
                        ("closed_at", models.BigIntegerField(null=True)),
                        ("closed_because", models.TextField(db_default="")),
                        ("closing_evidence", models.TextField(db_default="")),
                    ],
                    options={"db_table": "incidents", "ordering": ("-id",)},
                )
            ],
        )
    ]
