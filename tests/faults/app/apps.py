from django.apps import AppConfig


class FaultsConfig(AppConfig):
    name = "tests.faults.app"
    label = "faults"

    def ready(self):
        from contraflow.pairing import encode
        from tests.faults.app import jobs, pauses  # noqa: F401 -- registers jobs and pauses

        # as in the process of the tests: with decoys every expected pair is a matter of luck
        encode.covered = lambda cohort, *sides: sides
