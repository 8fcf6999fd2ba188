"""`contraflow init`: set up a real installation, once.

1. Bring the database up to date and make the installation's key.
2. Note the organisation and make the first administrator.
3. Ask where pairs meet by video.
4. Ask for a second place for the key.
5. Send a test mail and say what happened.

What no flag says is asked for, again if the answer cannot be used; without a terminal it is
an error that names the flag.
"""

import argparse
import datetime as dt
import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

from contraflow.cli import as_called, start_django

# where nobody can be mailed, the first link is read from the terminal and may wait for a start
FIRST_LINK_HOURS = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take each answer as a flag too, so that machines can be set up without asking."""
    parser.add_argument("--organisation", help="name of the organisation")
    parser.add_argument("--admin-name", help="name of the first administrator")
    parser.add_argument("--admin-email", help="their e-mail address: how they sign in")
    parser.add_argument(
        "--password-file", type=Path, help="file with their password; without one, mailed links"
    )
    parser.add_argument(
        "--key-backed-up", action="store_true", help="confirm that a copy of the key is kept"
    )
    parser.add_argument(
        "--video-link",
        metavar="PATTERN",
        help="where pairs meet by video, such as https://meet.example.org/{code}; or none",
    )
    parser.add_argument("--no-test-mail", action="store_true", help="send no test mail")


def run(options: argparse.Namespace) -> int:
    """Set the installation up; return 1 where it was, or where an answer is no use."""
    from contraflow.cli.migrate import bring_up_to_date

    start_django()
    bring_up_to_date()
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    from contraflow.core.errors import Refusal
    from contraflow.people.actions import set_up_installation
    from contraflow.people.rules import why_not_set_up

    if reason := why_not_set_up():
        return _refuse(reason)
    try:
        if options.video_link:
            _check_video_link(options.video_link)
        person = set_up_installation(
            organisation=_answer(options.organisation, "Organisation", "--organisation"),
            name=_answer(options.admin_name, "Your name", "--admin-name"),
            email=_answer(
                options.admin_email, "Your e-mail address", "--admin-email", validate_email
            ),
            password=_password(options.password_file),
        )
    except (Refusal, ValidationError, LookupError, OSError) as error:
        messages = getattr(error, "messages", None) or [str(error)]
        return _refuse(" ".join(messages))
    _see_to_the_video_link(options.video_link)
    _see_to_the_key(person, is_backed_up=options.key_backed_up)
    if not options.no_test_mail:
        _send_test_mail(person)
    _say_what_comes_next(person)
    return 0


def _say_what_comes_next(person) -> None:
    from django.conf import settings
    from django.utils import timezone

    from contraflow.people.mails import make_link

    _say(f"\nDone. Start it with:  {as_called()} serve")
    where = f"sign in at {settings.SITE_URL}"
    then = "the page Today names the next steps."
    if person.has_usable_password():
        _say(f"Then {where} with your password; {then}")
    elif _sends_mail():
        _say(f"Then {where} by a mailed link; {then}")
    else:
        until = timezone.now() + dt.timedelta(hours=FIRST_LINK_HOURS)
        _link, address = make_link(person, expires_at=until)
        _say(f"Then sign in by this link, once and within {FIRST_LINK_HOURS} hours; {then}")
        _say(f"  {address}")


def _sends_mail() -> bool:
    from django.conf import settings

    return settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")


def _answer(
    given: str | None, question: str, flag: str, check: Callable[[str], object] = str
) -> str:
    if given is not None and given.strip():
        return given.strip()
    missing = LookupError(f"{question} is missing: say it with {flag}.")
    if given is not None or not sys.stdin.isatty():
        raise missing
    try:
        while not (answer := _asked(lambda: input(f"{question}: ").strip(), check)):
            _say("This is needed to go on; Ctrl+C stops.")
    except EOFError:
        raise missing from None
    return answer


def _asked(ask: Callable[[], str], check: Callable[[str], object]) -> str:
    """Ask until the answer passes the check, or is empty."""
    from django.core.exceptions import ValidationError

    while answer := ask():
        try:
            check(answer)
        except ValidationError as error:
            _say(" ".join(error.messages))
        else:
            break
    return answer


def _see_to_the_video_link(given: str | None) -> None:
    """Say where sessions link to, which lies outside by default, and note another answer."""
    from django.conf import settings

    variable = "CONTRAFLOW_VIDEO_LINK_PATTERN"
    if not {variable, f"{variable}_FILE"}.isdisjoint(os.environ):
        where = settings.VIDEO_LINK_PATTERN
        _say(f"\nSessions link to {where}." if where else "\nSessions have no link.")
        return
    _say(
        "\nEach session has a link to a video room of its own. As it stands it leads to Jitsi's\n"
        f"public server, outside your network: {settings.VIDEO_LINK_PATTERN}\n"
        "Nobody is connected before they press Join."
    )
    if given is None and sys.stdin.isatty():
        question = 'Enter keeps it; or your own address with {code}, or "none" for no link: '
        given = _asked(lambda: input(question).strip(), _check_video_link)
    if given:
        pattern = "" if given == "none" else given
        (settings.DATA_DIR / "video_link_pattern").write_text(pattern, encoding="utf-8")
        _say(f"Sessions link to {pattern}." if pattern else "Sessions have no link.")


def _check_video_link(pattern: str) -> None:
    from django.core.exceptions import ValidationError

    if pattern == "none":
        return
    try:
        differs = pattern.format(code="a") != pattern.format(code="b")
    except (KeyError, IndexError, ValueError):
        differs = False
    if not differs or not pattern.startswith(("https://", "http://")):
        raise ValidationError(
            "Write an address with {code}, such as https://meet.example.org/{code}, or none."
        )


def _password(path: Path | None) -> str | None:
    from django.contrib.auth.password_validation import validate_password

    if path:
        password = path.read_text(encoding="utf-8").rstrip("\r\n")
        if password:
            validate_password(password)
    elif sys.stdin.isatty():
        least = _least_characters()
        question = f"Password, at least {least} characters (empty: sign in by mailed links): "
        password = _asked(lambda: getpass.getpass(question), validate_password)
    else:
        return None
    return password or None


def _least_characters() -> int:
    from django.contrib.auth.password_validation import get_default_password_validators

    lengths = (getattr(each, "min_length", 0) for each in get_default_password_validators())
    return max(lengths)


def _see_to_the_key(person, *, is_backed_up: bool) -> None:
    from django.conf import settings

    from contraflow.core.sealing import key_fingerprint
    from contraflow.people.actions import confirm_key_backup

    where = "CONTRAFLOW_SEALING_KEY" if settings.SEALING_KEY else str(settings.SEALING_KEY_PATH)
    _say(
        f"\nThe key that seals people's words: {where} (fingerprint {key_fingerprint()}).\n"
        "It is in no backup of the database. Without it these words are lost: copy it to a\n"
        "second place now, apart from the database's backups."
    )
    if not is_backed_up and sys.stdin.isatty():
        is_backed_up = input("Is a copy kept in a second place? [y/N] ").lower().startswith("y")
    if is_backed_up:
        confirm_key_backup(by=person)
    else:
        _say("Not confirmed. The page People > Installation asks for it until it is.")


def _send_test_mail(person) -> None:
    from django.conf import settings
    from django.core.mail import EmailMessage

    message = EmailMessage(
        subject="Contraflow can send mail",
        body="This is the test mail of `contraflow init`. Nothing needs to be done.",
        to=[person.email],
    )
    if not _sends_mail():
        message.send()
        _say(
            "\nNo mail server is set (CONTRAFLOW_SMTP_HOST), so nobody gets mail: what would be "
            f"sent\nis written to {settings.EMAIL_FILE_PATH}."
        )
        return
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        message.send()
    except OSError as error:  # smtplib's errors are OSErrors
        _say(
            f"\nThe test mail was not accepted by {server}: {error}\n"
            "See CONTRAFLOW_SMTP_HOST, _PORT, _USER, _PASSWORD, _TLS and CONTRAFLOW_MAIL_FROM."
        )
    else:
        _say(f"\n{server} accepted a test mail to {person.email}. See that it arrives.")


def _say(text: str) -> None:
    print(text)


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1
