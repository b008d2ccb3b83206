"""From when the bytes of a recording are let go by stores, and what was asked at that moment."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evidence", "0012_numbers_alike")]

    operations = [
        migrations.AddField(model_name="disposal", name="let_go_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="disposal", name="checks", field=models.JSONField(null=True)),
    ]
