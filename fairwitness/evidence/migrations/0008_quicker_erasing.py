"""By what digest something made of a recording is found: asked for all bytes that are to be erased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evidence", "0007_holds")]

    operations = [
        migrations.AddIndex(
            model_name="derivative",
            index=models.Index(fields=["sha256"], name="made_by_digest"),
        ),
    ]
