"""What a person sent in by hand is marked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0003_refused_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="recording",
            name="by_hand",
            field=models.BooleanField(default=False),
        ),
    ]
