"""How accounts stand, sessions, the sign-in log, the yearly review of roles."""

import django.db.models.deletion
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_metrics_scope"),
        ("department", "0004_docks_heard"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
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
                ("given_at", models.DateTimeField(null=True)),
                ("chosen_at", models.DateTimeField(null=True)),
                ("locked_at", models.DateTimeField(null=True)),
                (
                    "locked_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("failures", "Five failed sign-ins in fifteen minutes"),
                            ("unused", "Not used for ninety days"),
                            ("stopped", "Stopped because it may be in other hands"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account",
                        to="department.member",
                    ),
                ),
                (
                    "told",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="department.member",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Review",
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
                ("begun_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("finished_at", None)),
                        name="one_review_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SignInLog",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("event", models.CharField(max_length=40)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("done", "Done"), ("failed", "Failed"), ("refused", "Refused")], max_length=8
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=80)),
                ("actor", models.CharField(max_length=80)),
                ("member", models.UUIDField(null=True)),
                ("address", models.GenericIPAddressField(null=True)),
                ("device", models.CharField(blank=True, max_length=80)),
                ("session", models.UUIDField(null=True)),
                ("seconds", models.PositiveIntegerField(null=True)),
                ("entry", models.UUIDField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="sign_in_log_at"),
                    models.Index(fields=["member", "event", "-at"], name="sign_in_log_member"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
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
                ("kept", models.BooleanField()),
                ("decided_at", models.DateTimeField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="department.member",
                    ),
                ),
                (
                    "held",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="department.roleheld",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="accounts.review",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("review", "held"), name="decided_once_in_a_review")
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
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
                ("began", models.DateTimeField()),
                ("seen", models.DateTimeField()),
                ("confirmed", models.DateTimeField()),
                ("method", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=40)),
                ("device", models.CharField(max_length=80)),
                ("place", models.CharField(max_length=45)),
                ("ended", models.DateTimeField(null=True)),
                ("ended_how", models.CharField(blank=True, max_length=12)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="department.member",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["member", "ended", "-seen"], name="session_of_member")],
            },
        ),
    ]
