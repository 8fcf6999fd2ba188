from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "contraflow.training"

    def ready(self):
        from contraflow.core.navigation import put_below  # noqa: PLC0415 -- needs models
        from contraflow.training import mails  # noqa: F401, PLC0415 -- registers its kind

        put_below("home:overview", "training:progress")
        put_below(
            "programmes:list",
            "training:progress",
            "training:own-modules",
            "training:own-module-new",
            "training:own-module",
        )
