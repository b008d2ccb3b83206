"""What cameras were seen to hold."""

import django.db.models.deletion
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("department", "0004_docks_heard"),
        ("evidence", "0003_refused_once"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sighting",
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
                ("serial", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=255)),
                ("size", models.PositiveBigIntegerField()),
                ("modified", models.DateTimeField()),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("first_seen", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("held", "On the camera"),
                            ("gone", "No longer on the camera, never received"),
                            ("refused", "Received, and refused"),
                            ("sealed", "Sealed"),
                        ],
                        default="held",
                        max_length=10,
                    ),
                ),
                (
                    "camera",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sightings",
                        to="department.camera",
                    ),
                ),
                (
                    "dock",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sightings",
                        to="department.dock",
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sightings",
                        to="evidence.recording",
                    ),
                ),
                (
                    "wearer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sightings",
                        to="department.member",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["status", "id"], name="sighting_status"),
                    models.Index(fields=["wearer", "status"], name="sighting_wearer"),
                    models.Index(fields=["serial", "name"], name="sighting_file"),
                    models.Index(fields=["sha256"], name="sighting_sha256"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "sealed"), _negated=True),
                        fields=("serial", "name"),
                        name="one_open_sighting_of_a_file",
                    )
                ],
            },
        ),
    ]
