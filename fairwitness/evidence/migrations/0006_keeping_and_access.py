"""Categories, retention, holds, dry runs, disposal, grants, and the watch over access."""

import django.db.models.deletion
from django.db import migrations, models

import fairwitness.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("department", "0005_telling"),
        ("evidence", "0005_incident_links"),
        ("incidents", "0001_incidents"),
        ("policy", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="recording",
            name="status",
            field=models.CharField(
                choices=[("sealed", "Sealed"), ("refused", "Refused"), ("erased", "Erased under a rule")],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="DisposalList",
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
                            ("proposed", "Proposed"),
                            ("grace", "Approved, can be taken back"),
                            ("erasing", "Erasing"),
                            ("done", "Done"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("erased_from", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["-proposed_at"], name="disposal_list_latest")],
            },
        ),
        migrations.CreateModel(
            name="Hold",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("court", "Court"),
                            ("complaint", "Complaint"),
                            ("records_request", "Records request"),
                            ("investigation", "Investigation"),
                            ("preservation", "A resident's preservation request"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(max_length=1000)),
                ("reference", models.CharField(blank=True, max_length=80)),
                ("placed_at", models.DateTimeField()),
                ("until", models.DateField(null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_because", models.CharField(blank=True, max_length=1000)),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="incidents.incident",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="department.member",
                    ),
                ),
                (
                    "placed_by",
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
            name="Held",
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
                ("released_at", models.DateTimeField(null=True)),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held",
                        to="evidence.recording",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="held", to="evidence.hold"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PreservationRequest",
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
                            ("received", "To be decided"),
                            ("confirmed", "Confirmed"),
                            ("lifted", "Lifted"),
                        ],
                        default="received",
                        max_length=10,
                    ),
                ),
                ("incident_number", models.CharField(blank=True, max_length=40)),
                ("place", models.CharField(blank=True, max_length=200)),
                ("since", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("words", models.CharField(blank=True, max_length=2000)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("contact", models.CharField(blank=True, max_length=200)),
                ("sender", models.CharField(max_length=64)),
                ("received_at", models.DateTimeField()),
                ("decide_by", models.DateField()),
                ("matched_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_because", models.CharField(blank=True, max_length=1000)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="department.member",
                    ),
                ),
                (
                    "hold",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="evidence.hold",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Retention",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("dated", "Kept until a day"),
                            ("for_ever", "Kept for ever"),
                            ("doubtful", "Kept until somebody settles its clock"),
                        ],
                        max_length=10,
                    ),
                ),
                ("starts", models.DateTimeField(null=True)),
                ("due_on", models.DateField(null=True)),
                ("at_most_on", models.DateField(null=True)),
                ("category", models.CharField(max_length=60)),
                ("rule", models.CharField(max_length=60)),
                ("nearer_on", models.DateField(null=True)),
                ("decided_at", models.DateTimeField()),
                (
                    "recording",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retention",
                        to="evidence.recording",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="policy.version"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Settlement",
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
                ("ended", models.DateTimeField(null=True)),
                ("because", models.CharField(max_length=1000)),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="department.member",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="department.member"
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
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
            name="Watch",
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
                ("week", models.DateField()),
                (
                    "sign",
                    models.CharField(
                        choices=[
                            ("after_lockout", "Own incident, right after its lockout ended"),
                            ("many", "Many openings without a case or a link"),
                            ("seldom", "A class of access that this person seldom opens"),
                            ("unfinished", "Purposes that were never finished"),
                        ],
                        max_length=16,
                    ),
                ),
                ("found", models.JSONField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("open", "To be looked at"),
                            ("explained", "Explained"),
                            ("reminded", "Reminded of the rule"),
                            ("referred", "Passed on for an inquiry"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=1000)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
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
                        related_name="watched",
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
            name="Categorisation",
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
                ("code", models.CharField(max_length=60)),
                (
                    "how",
                    models.CharField(
                        choices=[("hand", "by a person"), ("delivered", "by its label as delivered")],
                        max_length=10,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="categorisations",
                        to="evidence.recording",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="policy.version"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("withdrawn_at", None)), fields=["code"], name="category_carried"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("recording", "code"),
                        name="category_carried_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Disposal",
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
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("struck", "Struck out"),
                            ("grace", "In grace"),
                            ("taken_back", "Taken back"),
                            ("erasing", "Erasing"),
                            ("erased", "Erased"),
                            ("released", "Let go; other records keep the bytes"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("due_on", models.DateField()),
                ("category", models.CharField(max_length=60)),
                ("rule", models.CharField(max_length=60)),
                ("because", models.CharField(blank=True, max_length=1000)),
                ("certificate", models.JSONField(null=True)),
                ("certificate_sha256", models.CharField(blank=True, max_length=64)),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disposals",
                        to="evidence.recording",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="policy.version"
                    ),
                ),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disposals",
                        to="evidence.disposallist",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("status__in", ("proposed", "grace", "erasing", "erased", "released"))
                        ),
                        fields=("recording",),
                        name="one_disposal_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Approval",
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
                ("digest", models.CharField(max_length=64)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="department.member"
                    ),
                ),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="evidence.disposallist",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("list", "member"),
                        name="one_approval_each",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DryRun",
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
                    "cause",
                    models.CharField(
                        choices=[
                            ("version", "A version of the policy"),
                            ("recordings", "Recordings whose rules changed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("list_sha256", models.CharField(max_length=64)),
                ("list_size", models.PositiveBigIntegerField()),
                ("counts", models.JSONField()),
                ("months", models.JSONField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("approved", "Approved, waiting"),
                            ("applied", "Applied"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(null=True)),
                ("applies_at", models.DateTimeField(null=True)),
                ("applied_at", models.DateTimeField(null=True)),
                (
                    "approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="department.member",
                    ),
                ),
                (
                    "proposer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="department.member"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dry_runs",
                        to="policy.version",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approver", None),
                            models.Q(("approver", models.F("proposer")), _negated=True),
                            _connector="OR",
                        ),
                        name="dry_run_by_two",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
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
                            ("named", "Named person"),
                            ("work", "Linked to the work"),
                            ("audit", "Named for an audit"),
                            ("lockout", "Exception from the lockout"),
                        ],
                        max_length=8,
                    ),
                ),
                ("because", models.CharField(max_length=1000)),
                ("granted_at", models.DateTimeField()),
                ("until", models.DateField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="department.member",
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="department.member"
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="incidents.incident",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="department.member",
                    ),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="evidence.recording",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("recording", None), ("incident", None), _connector="XOR"),
                        name="grant_of_one_thing",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["-placed_at"], name="hold_placed"),
        ),
        migrations.AddConstraint(
            model_name="held",
            constraint=models.UniqueConstraint(
                condition=models.Q(("released_at", None)),
                fields=("hold", "recording"),
                name="held_once_by_a_hold",
            ),
        ),
        migrations.AddIndex(
            model_name="preservationrequest",
            index=models.Index(fields=["status", "decide_by"], name="preservation_to_decide"),
        ),
        migrations.AddIndex(
            model_name="preservationrequest",
            index=models.Index(fields=["sender", "received_at"], name="preservation_sender"),
        ),
        migrations.AddIndex(
            model_name="retention",
            index=models.Index(fields=["due_on", "id"], name="retention_due"),
        ),
        migrations.AddIndex(
            model_name="retention",
            index=models.Index(
                condition=models.Q(("at_most_on", None), _negated=True),
                fields=["at_most_on"],
                name="retention_at_most",
            ),
        ),
        migrations.AddIndex(
            model_name="retention",
            index=models.Index(
                condition=models.Q(("nearer_on", None), _negated=True),
                fields=["nearer_on"],
                name="retention_nearer",
            ),
        ),
        migrations.AddIndex(
            model_name="retention",
            index=models.Index(
                condition=models.Q(("state", "dated"), _negated=True),
                fields=["state"],
                name="retention_not_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("recording",),
                name="one_settlement_counts",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended", None),
                    ("confirmed_by", None),
                    models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="settled_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="watch",
            constraint=models.UniqueConstraint(fields=("week", "member", "sign"), name="watched_once_a_week"),
        ),
    ]
