"""How far a dry run that is being applied has come."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evidence", "0008_quicker_erasing")]

    operations = [
        migrations.AddField(
            model_name="dryrun",
            name="moved",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
