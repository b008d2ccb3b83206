"""The same refusal twice is written once, whoever else writes it at the same moment."""

from django.db import migrations, models
from django.db.models.functions import MD5


class Migration(migrations.Migration):
    dependencies = [
        ("department", "0002_serial_once"),
        ("evidence", "0002_quicker_lists"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.UniqueConstraint(
                models.F("sha256"),
                MD5("source_name"),
                MD5("refusal"),
                condition=models.Q(("status", "refused")),
                name="refused_once",
            ),
        ),
    ]
