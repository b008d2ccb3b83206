"""Why a recording was let out of a hold that goes on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evidence", "0006_keeping_and_access")]

    operations = [
        migrations.AddField(
            model_name="held",
            name="released_because",
            field=models.CharField(blank=True, default="", max_length=1000),
            preserve_default=False,
        ),
    ]
