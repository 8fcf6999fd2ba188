from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "contraflow.ops"

    def ready(self):
        from contraflow.ops import demo_visit, jobs  # noqa: F401, PLC0415 -- they register
