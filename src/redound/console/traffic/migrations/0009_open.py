from django.db import migrations

from redound.console.traffic import ddl


class Migration(migrations.Migration):
    dependencies = [("traffic", "0008_failed")]

    operations = [migrations.RunPython(ddl.from_file("open_"))]
