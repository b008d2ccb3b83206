"""Stores, copies, damage."""

import django.db.models.deletion
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Store",
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
                ("name", models.CharField(max_length=40, unique=True)),
                ("kind", models.CharField(choices=[("file", "Folder"), ("s3", "S3 bucket")], max_length=8)),
                ("place", models.CharField(max_length=300)),
                ("begun_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Damage",
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
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("copies", models.PositiveIntegerField(default=1)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("changed", "Changed"),
                            ("missing", "Missing"),
                            ("unreadable", "Unreadable"),
                            ("lost", "Store lost"),
                        ],
                        max_length=12,
                    ),
                ),
                ("found_at", models.DateTimeField()),
                ("repaired_at", models.DateTimeField(null=True)),
                (
                    "repaired_how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("copied", "from a good copy"),
                            ("found", "found whole again"),
                            ("rebuilt", "made anew"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "repaired_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="storage.store",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="damages",
                        to="storage.store",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("found_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="damage_found",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("repaired_at", None)),
                        fields=("store", "sha256"),
                        name="one_open_damage_of_a_copy",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Copy",
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
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("evidence", "Evidence"), ("made", "Made of it")], max_length=8
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("good", "Good"),
                            ("damaged", "Damaged"),
                            ("missing", "Missing"),
                            ("outgrown", "Made anew"),
                        ],
                        default="good",
                        max_length=8,
                    ),
                ),
                ("confirmed_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField()),
                (
                    "store",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="storage.store",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["store", "checked_at", "id"], name="copy_oldest"),
                    models.Index(fields=["checked_at", "id"], name="copy_oldest_anywhere"),
                    models.Index(
                        condition=models.Q(("status", "good"), _negated=True),
                        fields=["store", "status"],
                        name="copy_not_good",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("sha256", "store"), name="one_copy_in_a_store")
                ],
            },
        ),
    ]
