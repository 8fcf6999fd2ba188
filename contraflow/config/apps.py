from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "contraflow.config"

    def ready(self):
        from contraflow.config import checks  # noqa: F401, PLC0415 -- registers the checks
