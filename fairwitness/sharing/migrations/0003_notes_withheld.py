"""How many notes of a case are not in a package: those that were not asked for, and those on the case itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0002_missing"),
    ]

    operations = [
        migrations.AddField(
            model_name="package",
            name="case_notes",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="package",
            name="notes_withheld",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
