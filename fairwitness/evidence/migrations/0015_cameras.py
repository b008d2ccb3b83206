"""Clips that prove whence they come, and what is known of cameras' clocks."""

import django.db.models.deletion
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("department", "0005_telling"),
        ("evidence", "0014_list_taken_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="Clip",
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
                ("name", models.CharField(max_length=200)),
                ("begins_ms", models.PositiveBigIntegerField()),
                ("ends_ms", models.PositiveBigIntegerField()),
                (
                    "wanted",
                    models.CharField(
                        choices=[
                            ("copied", "Copied as sealed, from the key frame before"),
                            ("encoded", "Encoded anew, from the very frame"),
                        ],
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Being made"),
                            ("made", "Made"),
                            ("failed", "Could not be made"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("because", models.CharField(blank=True, max_length=300)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("media_type", models.CharField(blank=True, max_length=60)),
                ("proof", models.JSONField(null=True)),
                ("proof_sha256", models.CharField(blank=True, max_length=64)),
                ("made_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="department.member"
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clips",
                        to="evidence.recording",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("sha256", ""), _negated=True),
                        fields=["sha256"],
                        name="clip_by_digest",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_ms__gt", models.F("begins_ms"))),
                        name="clip_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Offset",
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
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("dispatch", "against the times of dispatch"),
                            ("mark", "by a moment that both cameras show"),
                        ],
                        max_length=8,
                    ),
                ),
                ("offset_ms", models.BigIntegerField()),
                ("at_ms", models.PositiveBigIntegerField()),
                ("true_at", models.DateTimeField(null=True)),
                ("other_ms", models.PositiveBigIntegerField(null=True)),
                ("because", models.CharField(max_length=1000)),
                ("found_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "found_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="department.member"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="marked_by",
                        to="evidence.recording",
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offsets",
                        to="evidence.recording",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("recording",),
                        name="one_offset_counts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("how", "dispatch"), ("other", None), ("true_at__isnull", False)),
                            models.Q(
                                ("how", "mark"),
                                ("other__isnull", False),
                                ("other_ms__isnull", False),
                                ("true_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="offset_against_one_thing",
                    ),
                ],
            },
        ),
    ]
