from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammesConfig(AppConfig):
    name = "contraflow.programmes"

    def ready(self):
        from contraflow.core.navigation import Entry, add_entry, put_below  # noqa: PLC0415 -- loaded models
        from contraflow.programmes import jobs  # noqa: F401, PLC0415 -- registers its jobs

        add_entry(
            "main",
            Entry(
                label=_("Programmes"), url_name="programmes:list",
                to="programmes.view_programmes", order=20, icon="layers",
            ),
        )  # fmt: skip
        add_entry(
            "cohort",
            Entry(
                label=_("Enrolment"), url_name="programmes:cohort",
                to="programmes.view_enrolments", order=20,
            ),
        )  # fmt: skip
        add_entry(
            "cohort",
            Entry(
                label=_("Settings"), url_name="programmes:cohort-settings",
                to="programmes.edit_cohort", order=90,
            ),
        )  # fmt: skip
        put_below("programmes:cohort-settings", "programmes:plan", "programmes:planned-session")
