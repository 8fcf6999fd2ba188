from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "contraflow.desk"

    def ready(self):
        """Register the cohort's tab, the jobs and the reactions."""
        from contraflow.core.navigation import (  # noqa: PLC0415 -- needs models
            Entry,
            add_entry,
            put_below,
        )
        from contraflow.desk import jobs, reactions  # noqa: F401, PLC0415 -- register themselves

        add_entry(
            "cohort",
            Entry(
                label=_("Desk"), url_name="desk:cohort", to="desk.view_desk", order=15,
                icon="list-checks",
            ),
        )  # fmt: skip
        put_below("programmes:list", "desk")
