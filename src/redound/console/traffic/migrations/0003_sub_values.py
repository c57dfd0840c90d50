from django.db import migrations

from redound.console.traffic import ddl


class Migration(migrations.Migration):
    dependencies = [("traffic", "0002_configuration_triggers")]

    operations = [migrations.RunPython(ddl.from_file("sub_values_"))]
