"""What another system said nothing of: what a case is about, and a person's part in it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_cases"),
    ]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="kind",
            field=models.CharField(
                choices=[
                    ("crime", "Crime"),
                    ("collision", "Collision"),
                    ("death", "Death"),
                    ("missing", "Missing person"),
                    ("complaint", "Complaint"),
                    ("other", "Other"),
                    ("unsaid", "Not said"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="role",
            field=models.CharField(
                choices=[
                    ("victim", "Victim"),
                    ("witness", "Witness"),
                    ("suspect", "Suspect"),
                    ("officer", "Officer"),
                    ("other", "Somebody else"),
                    ("unsaid", "Part not said"),
                ],
                max_length=8,
            ),
        ),
    ]
