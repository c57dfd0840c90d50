from django.db import migrations

from redound.console.traffic import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("traffic", "0006_rollups"),
        ("imports", "0001_initial"),
        ("players", "0001_initial"),
    ]

    operations = [migrations.RunPython(ddl.from_file("trims_"))]
