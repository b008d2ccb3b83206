"""The first shape of the tables of kernel."""

from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="EntryPrivate",
            fields=[
                ("entry_id", models.UUIDField(primary_key=True, serialize=False)),
                ("salt", models.BinaryField(max_length=32)),
                ("facts", models.JSONField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entry_id", models.UUIDField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=fairwitness.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("member", models.UUIDField()),
                ("words", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("event", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("caused_by", models.UUIDField(null=True)),
                ("public", models.JSONField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["event", "at"], name="entry_event_at"),
                    models.Index(fields=["actor", "at"], name="entry_actor_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntrySubject",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entry_id", models.UUIDField()),
                ("kind", models.CharField(max_length=40)),
                ("subject", models.UUIDField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["kind", "subject", "entry_id"], name="subject_history"),
                    models.Index(fields=["entry_id"], name="subject_entry"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("member", models.UUIDField()),
                ("sentence", models.CharField(max_length=500)),
                ("link", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                ("read", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["member", "read", "-at"], name="notice_member")],
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=4)),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "year"), name="one_series_per_kind_and_year")
                ],
            },
        ),
    ]
