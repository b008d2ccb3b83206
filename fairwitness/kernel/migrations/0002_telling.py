"""Notices are mailed; why jobs failed, and what they came to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="JobError",
            fields=[
                ("job_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("task", models.CharField(max_length=128)),
                ("at", models.DateTimeField()),
                ("sentence", models.CharField(max_length=500)),
                ("reference", models.CharField(blank=True, max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="JobTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("task", models.CharField(max_length=128)),
                ("hour", models.DateTimeField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                ("seconds", models.FloatField(default=0)),
                ("longest", models.FloatField(default=0)),
                ("last_at", models.DateTimeField()),
                ("last_error", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.AddField(
            model_name="notice",
            name="mailed",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="outside",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="notice",
            name="urgent",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["member", "-at", "-id"], name="notice_page"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("mailed", None), ("read", None)), fields=["at"], name="notice_unmailed"
            ),
        ),
        migrations.AddConstraint(
            model_name="jobtally",
            constraint=models.UniqueConstraint(fields=("task", "hour"), name="one_tally_an_hour"),
        ),
    ]
