from django.db import migrations

from redound.console.traffic import ddl


class Migration(migrations.Migration):
    dependencies = [("traffic", "0007_trims")]

    operations = [migrations.RunPython(ddl.from_file("failed_"))]
