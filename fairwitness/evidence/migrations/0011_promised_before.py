"""What was promised before a clock came into doubt."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evidence", "0010_court_orders")]

    operations = [
        migrations.AddField(
            model_name="retention",
            name="promised_on",
            field=models.DateField(null=True),
        ),
    ]
