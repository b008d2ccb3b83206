"""How members are told of notices, and whose address refuses mail."""

import django.db.models.deletion
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("department", "0004_docks_heard"),
    ]

    operations = [
        migrations.CreateModel(
            name="Telling",
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
                            ("at_once", "By e-mail, at once"),
                            ("daily", "By e-mail, once a day"),
                            ("product", "Only here"),
                        ],
                        default="at_once",
                        max_length=10,
                    ),
                ),
                ("hour", models.PositiveSmallIntegerField(default=7)),
                ("chosen_at", models.DateTimeField(null=True)),
                ("refused_address", models.EmailField(blank=True, max_length=254)),
                ("refused_code", models.CharField(blank=True, max_length=3)),
                ("refused_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="telling",
                        to="department.member",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("hour__lt", 24)), name="hour_of_the_day")
                ],
            },
        ),
    ]
