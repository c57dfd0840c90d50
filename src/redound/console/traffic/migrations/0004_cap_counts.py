from django.db import migrations

from redound.console.traffic import ddl


class Migration(migrations.Migration):
    dependencies = [("traffic", "0003_sub_values")]

    operations = [migrations.RunPython(ddl.from_file("cap_counts_"))]
