"""The first shape of the tables of evidence."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("department", "0001_initial"),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="Ingest",
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
                ("source", models.CharField(max_length=200)),
                ("begun", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
                ("sealed", models.PositiveIntegerField(default=0)),
                ("duplicate", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("by", models.CharField(max_length=80)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Meter",
            fields=[
                ("viewing", models.UUIDField(primary_key=True, serialize=False)),
                ("bytes_sent", models.PositiveBigIntegerField(default=0)),
                ("played_ms", models.PositiveBigIntegerField(default=0)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Recording",
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
                    models.CharField(choices=[("sealed", "Sealed"), ("refused", "Refused")], max_length=12),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField()),
                ("source_name", models.CharField(max_length=1024)),
                ("delivered", models.JSONField(default=dict)),
                ("sealed_at", models.DateTimeField()),
                ("refusal", models.CharField(blank=True, max_length=300)),
                ("started", models.DateTimeField()),
                ("started_text", models.CharField(blank=True, max_length=80)),
                (
                    "clock",
                    models.CharField(
                        choices=[
                            ("delivered", "stated by the delivering system"),
                            ("device", "written by the device"),
                            ("file", "the file's own date"),
                            ("implausible", "stated, but cannot be right"),
                            ("none", "none"),
                        ],
                        default="none",
                        max_length=12,
                    ),
                ),
                ("ended", models.DateTimeField(null=True)),
                (
                    "owner_how",
                    models.CharField(
                        choices=[
                            ("assignment", "by assignment of the camera at the recorded time"),
                            ("named", "named on import"),
                            ("settled", "settled by the BWC Unit"),
                            ("unknown", "not known"),
                        ],
                        default="unknown",
                        max_length=12,
                    ),
                ),
                ("incident", models.CharField(blank=True, max_length=80)),
                ("label", models.CharField(blank=True, max_length=120)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("external_id", models.CharField(blank=True, max_length=120)),
                ("search", models.TextField(blank=True)),
                (
                    "readable",
                    models.CharField(
                        choices=[
                            ("waiting", "Being read"),
                            ("yes", "Readable"),
                            ("no", "Unreadable"),
                            ("untried", "Not read: a wall is missing"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("unreadable_because", models.CharField(blank=True, max_length=300)),
                ("duration_ms", models.PositiveBigIntegerField(null=True)),
                (
                    "camera",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recordings",
                        to="department.camera",
                    ),
                ),
                (
                    "ingest",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recordings",
                        to="evidence.ingest",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recordings",
                        to="department.member",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recordings",
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
            name="Probe",
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
                ("found", models.JSONField()),
                ("at", models.DateTimeField()),
                (
                    "recording",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="probe",
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
            name="Note",
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
                ("at_ms", models.PositiveBigIntegerField()),
                ("text", models.CharField(max_length=2000)),
                ("made_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="department.member",
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
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
            name="Derivative",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("filmstrip", "Filmstrip"),
                            ("still", "Still"),
                            ("waveform", "Waveform"),
                            ("viewing_copy", "Viewing copy"),
                        ],
                        max_length=16,
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField()),
                ("media_type", models.CharField(max_length=60)),
                ("facts", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField()),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="derivatives",
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
            name="Attachment",
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
                ("name", models.CharField(max_length=1024)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField()),
                ("sealed_at", models.DateTimeField()),
                (
                    "ingest",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="evidence.ingest",
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
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
            name="Viewing",
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
                    "purpose",
                    models.CharField(
                        choices=[
                            ("report", "Writing a report"),
                            ("investigation", "Investigation"),
                            ("court", "Preparing for court"),
                            ("supervision", "Supervision and training"),
                            ("audit", "Audit"),
                            ("technical", "Checking that the recording is sound"),
                        ],
                        max_length=16,
                    ),
                ),
                ("session", models.CharField(max_length=64)),
                ("begun", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
                ("played_ms", models.PositiveBigIntegerField(default=0)),
                ("bytes_sent", models.PositiveBigIntegerField(default=0)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="viewings",
                        to="department.member",
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="viewings",
                        to="evidence.recording",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_started",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("owner"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("unit"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_unit",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("camera"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_camera",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("incident"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_incident",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("label"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_label",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("status"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_status",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("readable"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_readable",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(models.F("sha256"), name="rec_sha256"),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("owner_how"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_owner_how",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("search"), name="gin_trgm_ops"
                ),
                name="rec_search",
            ),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "sealed")), fields=("sha256",), name="sealed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="derivative",
            constraint=models.UniqueConstraint(fields=("recording", "kind"), name="one_derivative_of_a_kind"),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.UniqueConstraint(
                fields=("sha256", "recording"), name="attached_once", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="viewing",
            index=models.Index(fields=["ended", "begun"], name="viewing_open"),
        ),
        migrations.AddIndex(
            model_name="viewing",
            index=models.Index(fields=["member", "-begun"], name="viewing_member"),
        ),
    ]
