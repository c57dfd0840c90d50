from django.db import migrations

from redound.console.traffic import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("traffic", "0001_initial"),
        ("accounts", "0002_affiliates"),
        ("catalog", "0001_initial"),
        ("postbacks", "0001_initial"),
    ]

    operations = [migrations.RunPython(ddl.from_file("triggers_"))]
