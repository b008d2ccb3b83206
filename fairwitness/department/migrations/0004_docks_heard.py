"""What docks last said, and a dock's serial number once whatever the case of its letters."""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("department", "0003_docks_and_alarms"),
    ]

    operations = [
        migrations.CreateModel(
            name="CameraHeard",
            fields=[
                ("serial", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("connected", models.BooleanField()),
                ("waiting", models.PositiveIntegerField()),
                ("waiting_bytes", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="DockHeard",
            fields=[
                (
                    "dock",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="heard",
                        serialize=False,
                        to="department.dock",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("agent", models.CharField(max_length=40)),
                ("clock_ahead", models.BigIntegerField()),
                ("free_bytes", models.PositiveBigIntegerField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name="dock",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("serial"),
                name="dock_serial_once",
                violation_error_message="A dock with this serial number exists.",
            ),
        ),
        migrations.AddField(
            model_name="cameraheard",
            name="camera",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="heard",
                to="department.camera",
            ),
        ),
        migrations.AddField(
            model_name="cameraheard",
            name="dock",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cameras_heard",
                to="department.dock",
            ),
        ),
    ]
