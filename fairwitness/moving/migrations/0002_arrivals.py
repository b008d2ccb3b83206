"""What came from other systems: arrivals, and which case is which."""

import django.db.models.deletion
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0002_unsaid"),
        ("evidence", "0015_cameras"),
        ("moving", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrival",
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
                        choices=[("begun", "Coming in, or broken off"), ("ended", "Ended")],
                        default="begun",
                        max_length=8,
                    ),
                ),
                ("place", models.CharField(max_length=1024)),
                ("mapping", models.CharField(max_length=60)),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("counts", models.JSONField(default=dict)),
                ("report_sha256", models.CharField(blank=True, max_length=64)),
                ("report_size", models.PositiveBigIntegerField(default=0)),
                (
                    "ingest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.ingest"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ArrivedCase",
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
                ("mapping", models.CharField(max_length=60)),
                ("external_id", models.CharField(max_length=200)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "arrival",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="moving.arrival"
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(fields=["-begun_at"], name="arrival_begun"),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "begun")),
                fields=("place", "mapping"),
                name="one_arrival_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrivedcase",
            constraint=models.UniqueConstraint(fields=("mapping", "external_id"), name="case_arrives_once"),
        ),
    ]
