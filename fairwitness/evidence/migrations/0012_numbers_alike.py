"""Incident numbers as sources write them are compared as all numbers are: without outer spaces and case."""

from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [("evidence", "0011_promised_before")]

    operations = [
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                Upper(models.Func("incident", models.Value(" \t\n\r\f\v\xa0"), function="BTRIM")),
                name="rec_incident_key",
            ),
        ),
    ]
