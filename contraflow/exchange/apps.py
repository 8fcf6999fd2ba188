from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    name = "contraflow.exchange"

    def ready(self):
        from contraflow.core.navigation import Entry, add_entry  # noqa: PLC0415 -- needs models
        from contraflow.exchange import copies, mails  # noqa: F401, PLC0415 -- register

        for order, (label, name, to) in enumerate(
            (
                (_("Sessions"), "pairs:pair", "pairs.prepare_session"),
                (_("Messages"), "exchange:messages", "exchange.write_message"),
                (_("Notes"), "exchange:notes", "exchange.write_note"),
                (_("Both ways"), "exchange:ledger", "exchange.keep_ledger"),
            )
        ):
            add_entry("pair", Entry(label=label, url_name=name, to=to, order=10 * order))
