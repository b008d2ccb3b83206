"""What was promised before a clock came into doubt."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evidence", "0007_holds")]

    operations = [
        migrations.AddField(
            model_name="retention",
            name="promised_on",
            field=models.DateField(null=True),
        ),
    ]
