"""Why something is not in a package after all, where its bytes were erased or lost and not damaged."""

from django.db import migrations, models

BECAUSE = [
    ("not_open", "It was not open to who asked for the package."),
    ("erased", "Its bytes were erased under a rule."),
    ("statute", "A statute lets it reach the defence only on a court's order, and none is recorded."),
    ("clips", "Its clips are in the package instead."),
    ("not_relevant", "Not relevant, as who asked for the package says."),
    ("privileged", "Privileged, as who asked for the package says."),
    ("other", "Left out by who asked for the package."),
    ("damaged", "The stored bytes are damaged: they are not those that were sealed."),
    ("lost", "No store gives its bytes: they are lost, or cannot be read."),
]


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0001_sharing"),
    ]

    operations = [
        migrations.AlterField(
            model_name="packageitem",
            name="because",
            field=models.CharField(blank=True, choices=BECAUSE, max_length=12),
        ),
        migrations.AddField(
            model_name="packageitem",
            name="missing",
            field=models.CharField(blank=True, choices=BECAUSE, default="", max_length=12),
            preserve_default=False,
        ),
    ]
