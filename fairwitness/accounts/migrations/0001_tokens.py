"""Tokens of devices and programs, and when each was last shown."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("department", "0003_docks_and_alarms"),
    ]

    operations = [
        migrations.CreateModel(
            name="Token",
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
                ("name", models.CharField(max_length=80)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("upload", "Upload recordings"),
                                ("report", "Report on docks and cameras"),
                                ("read", "Read what recordings of one unit there are"),
                            ],
                            max_length=12,
                        ),
                        size=None,
                    ),
                ),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("hash", models.CharField(max_length=64, unique=True)),
                (
                    "camera",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="department.camera",
                    ),
                ),
                (
                    "dock",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="department.dock",
                    ),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens_kept",
                        to="department.member",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="department.unit",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="TokenUse",
            fields=[
                (
                    "token",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="use",
                        serialize=False,
                        to="accounts.token",
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(("dock", None), ("camera", None), _connector="OR"),
                name="token_of_dock_or_camera",
            ),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes__contains", ["read"]), ("unit", None), _connector="XOR"),
                name="token_reads_one_unit",
            ),
        ),
    ]
