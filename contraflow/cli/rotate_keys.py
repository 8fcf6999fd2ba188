"""`contraflow rotate-keys [--words]`: change the installation's key, or those of people and pairs.

Exit codes: 0 done, 1 nothing was changed or something could not be opened; the line says which.
"""

import argparse
import sys

from contraflow.cli import start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which keys are changed."""
    parser.epilog = "The product may go on running meanwhile. Killed, it goes on when called again."
    parser.add_argument(
        "--words", action="store_true",
        help="change the keys of all people and pairs instead, and seal their words anew",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Change the key or the keys, and say what to do next."""
    start_django()
    from contraflow.core.errors import Refusal
    from contraflow.core.sealing import SealingError

    try:
        return _seal_words_anew() if options.words else _change_installation_key()
    except (Refusal, SealingError) as reason:
        print(reason, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
    return 1


def _change_installation_key() -> int:
    from django.conf import settings

    from contraflow.core.rotation import change_installation_key
    from contraflow.core.sealing import key_fingerprint, previous_path

    wrapped = change_installation_key()
    print(f"{wrapped} keys are wrapped by the installation's key {key_fingerprint()}.")
    if settings.SEALING_KEY:
        print("Take CONTRAFLOW_SEALING_KEY_PREVIOUS out of the settings.")
    else:
        print(
            f"Copy {settings.SEALING_KEY_PATH} to where your secrets are kept, and put "
            f"{previous_path()} away: backups made before now need it, nothing else does."
        )
    print("May others hold the old key and a copy of the database? Then: rotate-keys --words")
    return 0


def _seal_words_anew() -> int:
    from contraflow.core.jobs import run_job
    from contraflow.core.models import Job
    from contraflow.core.rotation import retire_keys

    job = retire_keys()
    print("Sealing all words anew...")
    run_job(job.pk)
    job.refresh_from_db()
    if job.state == Job.State.FAILED:
        print(f"{job.error} Call this again to go on.", file=sys.stderr)
        return 1
    if job.state == Job.State.RUNNING:
        print("A worker does it in the background.")
        return 0
    print(f"Done: {job.done} rows. The old keys are destroyed in an hour, by `contraflow serve`.")
    return 0
