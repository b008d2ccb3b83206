"""Why a whole list of disposal was taken back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0013_let_go"),
    ]

    operations = [
        migrations.AddField(
            model_name="disposallist",
            name="because",
            field=models.CharField(blank=True, max_length=1000),
        ),
    ]
