from django.db import migrations, models
from django.db.models import JSONField, Value


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    # With defaults of the database SQLite adds the columns in place: a rebuilt table would lose its triggers.
    operations = [
        migrations.AddField(
            "advertiser", "path_keys", JSONField(blank=True, db_default=Value([], JSONField()))
        ),
        migrations.AddField(
            "advertiser", "signing_secrets", JSONField(blank=True, db_default=Value([], JSONField()))
        ),
        migrations.AddField("advertiser", "preset", models.CharField(db_default="", max_length=20)),
        migrations.AddField(
            "advertiser", "parameter_names", JSONField(blank=True, db_default=Value({}, JSONField()))
        ),
        migrations.AddField("advertiser", "default_status", models.CharField(db_default="", max_length=10)),
        migrations.AddField("advertiser", "repeats", models.CharField(db_default="update", max_length=20)),
        migrations.AddField("advertiser", "answer", models.TextField(db_default="")),
        migrations.AddField(
            "advertiser", "success_code", models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AddField(
            "advertiser", "failure_code", models.PositiveSmallIntegerField(blank=True, null=True)
        ),
    ]
