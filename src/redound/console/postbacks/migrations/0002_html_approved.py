from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("postbacks", "0001_initial")]

    # With a default of the database SQLite adds the column in place: a rebuilt table would lose its triggers.
    operations = [
        migrations.AddField(
            "postback", "html_approved", models.BooleanField(db_default=False, editable=False)
        ),
    ]
