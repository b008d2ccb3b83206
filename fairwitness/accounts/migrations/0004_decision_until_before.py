"""The end that a role had before a review ended it, so that it can be kept after all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_sign_ins"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="until_before",
            field=models.DateField(null=True),
        ),
    ]
