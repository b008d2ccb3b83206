"""The wrapped keys of encrypted blobs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0002_telling"),
    ]

    operations = [
        migrations.CreateModel(
            name="BlobKey",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("sha256", models.CharField(max_length=64)),
                ("master", models.UUIDField()),
                ("wrapped", models.BinaryField(max_length=40)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["sha256"], name="blob_key_of"),
                    models.Index(fields=["master"], name="blob_key_master"),
                ],
            },
        ),
    ]
