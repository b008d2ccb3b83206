"""Cases, who works on them, what they hold, whom they are about, and what is to be done."""

import django.db.models.deletion
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("department", "0005_telling"),
        ("evidence", "0014_list_taken_back"),
        ("incidents", "0002_involvement"),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
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
                ("number", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("crime", "Crime"),
                            ("collision", "Collision"),
                            ("death", "Death"),
                            ("missing", "Missing person"),
                            ("complaint", "Complaint"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=80)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=8
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_because", models.CharField(blank=True, max_length=1000)),
                (
                    "opened_by",
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
            name="CaseIncident",
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
                ("since", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="incidents", to="cases.case"
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="incidents.incident",
                    ),
                ),
                (
                    "linked_by",
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
            name="CaseMember",
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
                    "role",
                    models.CharField(choices=[("lead", "Leads it"), ("member", "Works on it")], max_length=8),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="cases.case"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
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
            name="CaseNote",
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
                ("text", models.CharField(max_length=4000)),
                ("made_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="case_notes",
                        to="department.member",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="cases.case"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="CourtDate",
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
                ("at", models.DateTimeField()),
                ("court", models.CharField(max_length=200)),
                ("what", models.CharField(blank=True, max_length=300)),
                ("made_at", models.DateTimeField()),
                ("outcome", models.CharField(blank=True, max_length=1000)),
                ("outcome_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="court_dates",
                        to="cases.case",
                    ),
                ),
                (
                    "made_by",
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
            name="File",
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
                ("number", models.CharField(max_length=20)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveBigIntegerField()),
                ("media_type", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("photograph", "Photograph"),
                            ("report", "Report"),
                            ("document", "Document"),
                            ("other", "Other file"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("made_at", models.DateTimeField(null=True)),
                ("sealed_at", models.DateTimeField()),
                (
                    "sealed_by",
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
            name="Item",
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
                ("because", models.CharField(blank=True, max_length=500)),
                ("added_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_because", models.CharField(blank=True, max_length=500)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="department.member",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="cases.case"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="cases.file",
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="case_items",
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
            name="Person",
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
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("victim", "Victim"),
                            ("witness", "Witness"),
                            ("suspect", "Suspect"),
                            ("officer", "Officer"),
                            ("other", "Somebody else"),
                        ],
                        max_length=8,
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=500)),
                ("added_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="department.member",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="persons", to="cases.case"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Task",
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
                ("text", models.CharField(max_length=500)),
                ("due", models.DateField(null=True)),
                ("made_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="cases.case"
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="department.member",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="department.member",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="case_tasks",
                        to="department.member",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.OrderBy(models.F("opened_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="case_opened",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(fields=("number",), name="case_number_once"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("status", "open")),
                    models.Q(("closed_at__isnull", False), ("status", "closed")),
                    _connector="OR",
                ),
                name="case_closed_with_its_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseincident",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("case", "incident"),
                name="incident_once_in_a_case",
            ),
        ),
        migrations.AddIndex(
            model_name="casemember",
            index=models.Index(
                models.F("member"),
                models.F("case"),
                condition=models.Q(("until", None)),
                name="case_of_member",
            ),
        ),
        migrations.AddConstraint(
            model_name="casemember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)),
                fields=("case", "member"),
                name="once_in_a_case_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="courtdate",
            index=models.Index(
                models.F("at"),
                condition=models.Q(("outcome_at", None), ("withdrawn_at", None)),
                name="court_to_come",
            ),
        ),
        migrations.AddIndex(
            model_name="file",
            index=models.Index(fields=["sha256"], name="file_by_digest"),
        ),
        migrations.AddConstraint(
            model_name="file",
            constraint=models.UniqueConstraint(fields=("number",), name="file_number_once"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(
                models.F("case"),
                models.F("added_at"),
                models.F("id"),
                condition=models.Q(("withdrawn_at", None)),
                name="item_page",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("file__isnull", False), ("recording", None)),
                    models.Q(("file", None), ("recording__isnull", False)),
                    _connector="OR",
                ),
                name="item_is_recording_or_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("recording", "case"),
                name="recording_once_in_a_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("file", "case"),
                name="file_once_in_a_case",
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                models.F("member"),
                models.F("due"),
                condition=models.Q(("done_at", None), ("withdrawn_at", None)),
                name="task_to_be_done",
            ),
        ),
    ]
