from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("restoration", "0003_registry_data"),
    ]

    operations = [
        migrations.RemoveField(model_name="modelversion", name="figures"),
        migrations.RemoveField(model_name="modelversion", name="promoted_at"),
    ]
