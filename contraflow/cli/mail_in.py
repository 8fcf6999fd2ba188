"""`contraflow mail-in < MESSAGE`: a mail server hands over what came back to the product's mails.

That is the answer of a calendar to an invitation, or the report that a mail could not be delivered.
Exit codes are those that mail servers know (sysexits.h): 0 taken or of no news, 65 nothing that
can be taken, 75 not now, so that the server tries again.
"""

import argparse
import sys

from contraflow.cli import start_django

REFUSED, TRY_AGAIN = 65, 75


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how it is called; it needs nothing but the message."""
    parser.epilog = 'Example for Postfix, in /etc/aliases: reply: |"contraflow mail-in"'


def run(options: argparse.Namespace) -> int:
    """Read one message, take what it says, say in one line what was done."""
    from contraflow.pairs.replies import MOST_BYTES

    mail = sys.stdin.buffer.read(MOST_BYTES + 1)
    start_django()
    from django.db import OperationalError

    from contraflow.core.bounces import take_bounce
    from contraflow.core.errors import Refusal
    from contraflow.pairs.actions import take_reply
    from contraflow.pairs.replies import BadReply, read_reply

    try:
        if take_bounce(mail):
            print("Taken: a report about a mail of ours.")
            return 0
        is_news = take_reply(read_reply(mail))
    except (BadReply, Refusal) as reason:
        print(f"Not taken: {reason}", file=sys.stderr)
        return REFUSED
    except OperationalError as error:
        print(f"Not now: {error}", file=sys.stderr)
        return TRY_AGAIN
    print("Taken." if is_news else "No news: it is older than what stands, or the same.")
    return 0
