"""The first shape of the tables of publiclog."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("index", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.UUIDField(unique=True)),
                ("data", models.BinaryField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
    ]
