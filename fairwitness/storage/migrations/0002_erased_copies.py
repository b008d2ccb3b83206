"""Copies that are being erased under a rule, or were."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storage", "0001_stores"),
    ]

    operations = [
        migrations.AlterField(
            model_name="copy",
            name="status",
            field=models.CharField(
                choices=[
                    ("good", "Good"),
                    ("damaged", "Damaged"),
                    ("missing", "Missing"),
                    ("outgrown", "Made anew"),
                    ("erasing", "Being erased under a rule"),
                    ("erased", "Erased under a rule"),
                ],
                default="good",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="damage",
            name="repaired_how",
            field=models.CharField(
                blank=True,
                choices=[
                    ("copied", "from a good copy"),
                    ("found", "found whole again"),
                    ("rebuilt", "made anew"),
                    ("erased", "erased under a rule"),
                ],
                max_length=8,
            ),
        ),
    ]
