from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PairsConfig(AppConfig):
    name = "contraflow.pairs"

    def ready(self):
        from contraflow.core.navigation import (  # noqa: PLC0415 -- needs models
            Entry,
            add_entry,
            put_below,
        )
        from contraflow.pairs import (  # noqa: F401, PLC0415 -- register
            copies,
            jobs,
            reactions,
            reminders,
        )

        add_entry(
            "cohort",
            Entry(
                label=_("Pairs"), url_name="pairs:list", to="pairs.list_pairs", order=40,
                icon="handshake",
            ),
        )  # fmt: skip
        add_entry(
            "pair",
            Entry(
                label=_("Agreement"),
                url_name="pairs:agreement",
                to="pairs.write_agreement",
                order=5,
            ),
        )
        put_below("pairs:pair", "pairs:closing")
        put_below("programmes:list", "pairs:list")
        put_below("programmes:cohort-settings", "pairs:shutdowns")
