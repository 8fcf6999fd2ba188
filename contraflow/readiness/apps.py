from django.apps import AppConfig


class ReadinessConfig(AppConfig):
    name = "contraflow.readiness"

    def ready(self):
        from contraflow.core.navigation import put_below  # noqa: PLC0415 -- needs models

        put_below("home:today", "readiness")
