from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from contraflow.core.navigation import Entry, add_entry, put_below


class HomeConfig(AppConfig):
    name = "contraflow.home"

    def ready(self):
        add_entry(
            "main",
            Entry(label=_("Today"), url_name="home:today", to="home.view_today", order=10,
                  icon="sun"),
        )  # fmt: skip
        add_entry(
            "cohort",
            Entry(label=_("Overview"), url_name="home:overview", to="home.view_overview",
                  order=10),
        )  # fmt: skip
        put_below("programmes:list", "home:overview", "home:sponsor")
