"""The exports of the whole system."""

from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=fairwitness.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("written_by", models.UUIDField(editable=False)),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("begun", "Being written, or broken off"), ("written", "Written")],
                        default="begun",
                        max_length=8,
                    ),
                ),
                ("begun_at", models.DateTimeField()),
                ("written_at", models.DateTimeField(null=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("rows", models.PositiveBigIntegerField(default=0)),
                ("blobs", models.PositiveBigIntegerField(default=0)),
                ("octets", models.PositiveBigIntegerField(default=0)),
                ("missing", models.PositiveBigIntegerField(default=0)),
                ("drilled_at", models.DateTimeField(null=True)),
                ("drill_faults", models.PositiveIntegerField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["-begun_at"], name="export_begun")],
            },
        ),
    ]
