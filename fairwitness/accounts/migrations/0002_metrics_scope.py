"""A token may read the figures of the system."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_tokens"),
    ]

    operations = [
        migrations.AlterField(
            model_name="token",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("upload", "Upload recordings"),
                        ("report", "Report on docks and cameras"),
                        ("read", "Read what recordings of one unit there are"),
                        ("metrics", "Read the figures of the system (/metrics)"),
                    ],
                    max_length=12,
                ),
                size=None,
            ),
        ),
    ]
