from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "contraflow.core"

    def ready(self):
        from contraflow.core import checks, mail, reads, rotation  # noqa: F401, PLC0415 -- they register
