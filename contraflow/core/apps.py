from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "contraflow.core"

    def ready(self):
        from contraflow.core import checks, mail  # noqa: F401, PLC0415 -- registers check and job
