from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "contraflow.people"

    def ready(self):
        from contraflow.core.navigation import Entry, add_entry  # noqa: PLC0415 -- needs loaded models
        from contraflow.people import jobs, mails  # noqa: F401, PLC0415 -- they register

        add_entry(
            "main",
            Entry(
                label=_("People"), url_name="people:list", to="people.list_people", order=30,
                icon="users",
            ),
        )  # fmt: skip
