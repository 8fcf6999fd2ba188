"""A real mail server on loopback: `mailbox.port` is where, `mailbox.accepted` what arrived."""

import pytest
from aiosmtpd.controller import Controller


class Mailbox:
    """A mail server's handler that keeps what it accepted, and can be made to refuse."""

    def __init__(self):
        self.accepted = []
        self.refusals = 0
        # addresses that do not exist here
        self.unknown = set()

    async def handle_RCPT(self, server, session, envelope, address, _options):  # noqa: N802 -- aiosmtpd names it
        if address in self.unknown:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- aiosmtpd names it
        if self.refusals:
            self.refusals -= 1
            return "451 Try again later"
        self.accepted.append(envelope)
        return "250 Accepted"


class _Controller(Controller):
    def _trigger_server(self):
        # the system has chosen the port by now
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox(socket_enabled):
    """A mail server that accepts what comes, unless `refusals` says how many it refuses first."""
    box = Mailbox()
    controller = _Controller(box, hostname="127.0.0.1", port=0)
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


@pytest.fixture
def smtp(mailbox, settings):
    """The mail server, with Django sending to it instead of to `mail.outbox`."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
    return mailbox
