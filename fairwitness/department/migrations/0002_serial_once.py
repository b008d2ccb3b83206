"""One camera to a serial number, whatever the case of its letters."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("department", "0001_initial"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="camera",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("serial"),
                name="serial_once",
                violation_error_message="A camera with this serial number exists.",
            ),
        ),
    ]
