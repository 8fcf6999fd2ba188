from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from contraflow.core.navigation import Entry, add_entry, put_below


class PairingConfig(AppConfig):
    name = "contraflow.pairing"

    def ready(self):
        """Register the cohort's tab and the jobs."""
        from contraflow.pairing import jobs, reactions  # noqa: F401, PLC0415 -- they register

        add_entry(
            "cohort",
            Entry(
                label=_("Matching"), url_name="pairing:cohort", to="pairing.view_cohort", order=30,
                icon="shuffle",
            ),
        )  # fmt: skip
        put_below("programmes:list", "pairing")
