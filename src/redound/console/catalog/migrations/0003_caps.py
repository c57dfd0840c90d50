from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_report_profile")]

    # With defaults of the database SQLite adds the columns in place: a rebuilt table would lose its triggers.
    operations = [
        operation
        for noun in ("offer", "affiliate")
        for operation in (
            migrations.AddField(noun, "cap_conversions", models.PositiveIntegerField(blank=True, null=True)),
            migrations.AddField(noun, "cap_period", models.CharField(db_default="day", max_length=10)),
        )
    ]
