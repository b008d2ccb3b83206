"""Incidents, dispatch events in versions, shifts, reports, saved mappings, imports."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("department", "0005_telling"),
    ]

    operations = [
        migrations.CreateModel(
            name="Incident",
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
                ("number", models.CharField(max_length=40, verbose_name="number")),
                ("kind", models.CharField(blank=True, max_length=120, verbose_name="kind")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                ("opened", models.DateTimeField(verbose_name="opened")),
                ("closed", models.DateTimeField(blank=True, null=True, verbose_name="closed")),
                ("critical", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("opened"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="incident_opened",
                    ),
                    models.Index(
                        models.F("kind"),
                        models.OrderBy(models.F("opened"), descending=True),
                        name="incident_kind",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Upper("number"),
                        name="incident_number_once",
                        violation_error_message="An incident with this number exists.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed", None), ("closed__gte", models.F("opened")), _connector="OR"
                        ),
                        name="incident_closes_after_it_opens",
                        violation_error_message="An incident closes after it opens.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
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
                ("number", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField(default=1)),
                ("kind", models.CharField(blank=True, max_length=120)),
                ("place", models.CharField(blank=True, max_length=200)),
                ("began", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
                ("cancelled", models.BooleanField(default=False)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("first", "First version"),
                            ("moved", "Moved"),
                            ("cancelled", "Cancelled"),
                            ("changed", "More became known"),
                        ],
                        default="first",
                        max_length=12,
                    ),
                ),
                ("noted_at", models.DateTimeField()),
                (
                    "replaced_by",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaces",
                        to="incidents.event",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Mapping",
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
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "purpose",
                    models.CharField(
                        choices=[("dispatch", "Dispatch export"), ("shifts", "Shift roster")], max_length=8
                    ),
                ),
                ("header", models.CharField(max_length=80)),
                ("titles", models.JSONField(default=list)),
                ("columns", models.JSONField(default=dict)),
                (
                    "style",
                    models.CharField(
                        choices=[
                            ("month_first", "Month first: 1/31/2026"),
                            ("day_first", "Day first: 31/1/2026"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "layout",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("per_unit", "One row for each unit of an event"),
                            ("per_event", "One row for each event, with all of its units"),
                        ],
                        max_length=10,
                    ),
                ),
                ("cancelled_words", models.CharField(blank=True, max_length=200)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("purpose"),
                        django.db.models.functions.text.Upper("name"),
                        condition=models.Q(("withdrawn_at", None)),
                        name="mapping_name_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Import",
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
                        choices=[("dispatch", "Dispatch export"), ("shifts", "Shift roster")], max_length=8
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("counts", models.JSONField(default=dict)),
                ("rows", models.JSONField(default=list)),
                ("at", models.DateTimeField()),
                (
                    "mapping",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="incidents.mapping",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Report",
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
                            ("incident", "Incident"),
                            ("force", "Use of force"),
                            ("complaint", "Complaint"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("number", models.CharField(max_length=40, verbose_name="number")),
                ("filed_at", models.DateTimeField(verbose_name="filed at")),
                ("sha256", models.CharField(max_length=64)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="filed_reports",
                        to="department.member",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="incidents.incident",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Response",
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
                ("call_sign", models.CharField(max_length=40)),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("badge", "named by the export"),
                            ("shift", "by the shifts of that time"),
                            ("", "not known"),
                        ],
                        default="",
                        max_length=6,
                    ),
                ),
                ("dispatched", models.DateTimeField(null=True)),
                ("en_route", models.DateTimeField(null=True)),
                ("arrived", models.DateTimeField(null=True)),
                ("cleared", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responses",
                        to="incidents.event",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="responses",
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
            name="Shift",
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
                ("call_sign", models.CharField(max_length=40)),
                ("begins", models.DateTimeField()),
                ("ends", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shifts",
                        to="department.member",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("number", "version"), name="one_event_a_version"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced_by", None)), fields=("number",), name="one_current_version"
            ),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["-at"], name="import_at"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                models.F("kind"),
                django.db.models.functions.text.Upper("number"),
                condition=models.Q(("withdrawn_at", None)),
                name="report_number_once",
            ),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(fields=["call_sign", "at"], name="response_call_sign"),
        ),
        migrations.AddIndex(
            model_name="response",
            index=models.Index(fields=["member", "at"], name="response_member"),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(fields=["call_sign", "begins"], name="shift_call_sign"),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(fields=["begins"], name="shift_begins"),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__gt", models.F("begins"))), name="shift_ends_after_it_begins"
            ),
        ),
        migrations.AddConstraint(
            model_name="shift",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("withdrawn_at", None)),
                expressions=[
                    ("member", "="),
                    (
                        models.Func(
                            models.F("begins"),
                            models.F("ends"),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="one_shift_at_a_time",
            ),
        ),
    ]
