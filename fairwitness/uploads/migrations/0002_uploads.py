"""Uploads, and how far each has come."""

import django.db.models.deletion
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("department", "0005_telling"),
        ("evidence", "0004_by_hand"),
        ("uploads", "0001_sightings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
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
                        choices=[
                            ("announced", "Coming in"),
                            ("received", "Complete, being sealed"),
                            ("sealed", "Sealed"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("abandoned", "Abandoned"),
                            ("disposed", "Disposed of by rule"),
                        ],
                        default="announced",
                        max_length=12,
                    ),
                ),
                ("status_since", models.DateTimeField()),
                ("size", models.PositiveBigIntegerField()),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("source_name", models.CharField(max_length=1024)),
                ("said", models.JSONField(default=dict)),
                ("begun", models.DateTimeField()),
                ("by", models.CharField(max_length=80)),
                ("by_hand", models.BooleanField()),
                ("token", models.UUIDField(null=True)),
                ("came", models.PositiveBigIntegerField(default=0)),
                ("came_sha256", models.CharField(blank=True, max_length=64)),
                ("was_here", models.BooleanField(default=False)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("empty", "The file is empty: there is nothing to seal."),
                            ("size", "What is kept is not as long as what was declared."),
                            ("digest", "The file does not have the SHA-256 that was declared for it."),
                            ("changed", "What is kept is no longer what came in: the disk may be damaged."),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "camera",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="department.camera",
                    ),
                ),
                (
                    "dock",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="department.dock",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="department.member",
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="evidence.recording",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                (
                    "upload",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="progress",
                        serialize=False,
                        to="uploads.upload",
                    ),
                ),
                ("offset", models.PositiveBigIntegerField(default=0)),
                ("seen_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                models.F("status"), models.OrderBy(models.F("id"), descending=True), name="upload_status"
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                models.F("holder"), models.OrderBy(models.F("id"), descending=True), name="upload_holder"
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                models.F("by"), models.OrderBy(models.F("id"), descending=True), name="upload_by"
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(
                models.F("by"), condition=models.Q(("status", "announced")), name="upload_open_of"
            ),
        ),
    ]
