from django.apps import AppConfig


class FaultsConfig(AppConfig):
    name = "tests.faults.app"
    label = "faults"

    def ready(self):
        from tests.faults.app import jobs, pauses  # noqa: F401 -- registers jobs and pauses
