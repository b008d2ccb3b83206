"""Why a file seen on a camera is not waited for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("uploads", "0002_uploads"),
    ]

    operations = [
        migrations.AddField(
            model_name="sighting",
            name="explained",
            field=models.CharField(
                blank=True,
                choices=[
                    ("no_recording", "It is no recording"),
                    ("elsewhere", "It was received by another way"),
                    ("damaged", "The camera or its card is damaged"),
                    ("lost", "It is lost, and that was reported"),
                ],
                max_length=12,
            ),
        ),
    ]
