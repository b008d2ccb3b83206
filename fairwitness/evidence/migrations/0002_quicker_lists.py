"""Indexes for a million recordings: pairs of filters that find few, the rare by themselves, none that is double."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("department", "0002_serial_once"),
        ("evidence", "0001_initial"),
    ]

    operations = [
        # Some hundreds wear cameras, and a word stands in few or in many: from the usual sample of a hundred
        # PostgreSQL cannot tell which, and took a hundred times as long for a page. `search` is never asked bare.
        migrations.RunSQL(
            [
                *(
                    f"ALTER TABLE evidence_recording ALTER COLUMN {column} SET STATISTICS 500"
                    for column in ("owner_id", "unit_id", "camera_id", "label")
                ),
                "ALTER TABLE evidence_recording ALTER COLUMN search SET STATISTICS 0",
                "ALTER INDEX rec_search ALTER COLUMN 1 SET STATISTICS 500",
            ],
            migrations.RunSQL.noop,
        ),
        migrations.RemoveIndex(
            model_name="recording",
            name="rec_status",
        ),
        migrations.RemoveIndex(
            model_name="recording",
            name="rec_readable",
        ),
        migrations.RemoveIndex(
            model_name="recording",
            name="rec_sha256",
        ),
        migrations.AlterField(
            model_name="recording",
            name="camera",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="recordings",
                to="department.camera",
            ),
        ),
        migrations.AlterField(
            model_name="recording",
            name="number",
            field=models.CharField(max_length=20),
        ),
        migrations.AlterField(
            model_name="recording",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="recordings",
                to="department.member",
            ),
        ),
        migrations.AlterField(
            model_name="recording",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="recordings",
                to="department.unit",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("owner"),
                models.F("label"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_owner_label",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("unit"),
                models.F("label"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="rec_unit_label",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("status"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("status", "sealed"), _negated=True),
                name="rec_not_sealed",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("readable"),
                models.OrderBy(models.F("started"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("readable", "yes"), _negated=True),
                name="rec_not_readable",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                models.F("started"),
                models.F("id"),
                condition=models.Q(("owner_how", "unknown"), ("status", "sealed")),
                name="rec_whose",
            ),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.UniqueConstraint(fields=("number",), name="number_once"),
        ),
    ]
