"""Who may do what with training, and when."""

from collections.abc import Mapping, Sequence

import rules
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contraflow.core.figures import figure
from contraflow.people.models import Person
from contraflow.people.rules import is_signed_in
from contraflow.programmes.models import Cohort, Programme
from contraflow.programmes.rules import leads_programme
from contraflow.training.models import OwnModule
from contraflow.training.modules import Module, minutes_of
from contraflow.training.writing import faults_of_questions

rules.add_perm("training.learn", is_signed_in)
rules.add_perm("training.view_progress", leads_programme)
rules.add_perm("training.write_module", leads_programme)


def right_answers(module: Module, answers: Sequence[int | None]) -> int:
    """Count the right ones among answers, which are places in the options or None."""
    asked = zip(module.quiz, answers, strict=True)
    return sum(answer == question.answer for question, answer in asked)


def why_not_finish(module: Module, *, answers: Sequence[int | None]) -> str | None:
    """Say why a module is not done with these answers, or None if it is."""
    if len(answers) != len(module.quiz) or None in answers:
        return _("Answer every question first.")
    if right_answers(module, answers) < module.needed:
        return _(
            "Not yet. Read what stands below your answers, and try again as often as you like."
        )
    return None


def why_not_begin_second_session(
    left: Mapping[str, Sequence[Module]], *, own: str | None
) -> str | None:
    """Say why session 2 does not open yet, or None; `left` is what each side has still to do.

    `own` is the reader's side: of the other one they read only that not all is done. None is for
    leads.
    """
    if not any(left.values()):
        return None
    if own is None:
        return _("Session 2 opens once both have done their short training.")
    if not left[own]:
        return _(
            "Your part of the training is done. Session 2 opens once both of you have it done."
        )
    minutes = minutes_of(left[own])
    return ngettext(
        "Session 2 opens once both of you have done a short training. Of yours, %(n)s minute is "
        "left.",
        "Session 2 opens once both of you have done a short training. Of yours, %(n)s minutes are "
        "left.",
        minutes,
    ) % {"n": figure(minutes)}


def why_not_remind(cohort: Cohort, *, count: int) -> str | None:
    """Say why nobody of a cohort can be reminded of the training, or None if they can."""
    if cohort.state == Cohort.State.CLOSED:
        return _("This cohort is closed.")
    if not count:
        return _("Everybody has done the training before session 2.")
    return None


# -- a programme's own modules -----------------------------------------------------------------


def why_not_write(programme: Programme, *, by: Person) -> str | None:
    """Say why this person cannot write modules for a programme, or None if they can."""
    if not leads_programme(by, programme):
        return _("Only the leads of a programme write its modules.")
    return None


def why_not_move(module: OwnModule, state: str, *, by: Person) -> str | None:
    """Say why a module cannot be published, taken back or archived now, or None if it can."""
    if reason := why_not_write(module.programme, by=by):
        return reason
    if state not in OwnModule.State.values:
        return _("Say what is to become of the module.")
    if module.state == state:
        return _("It is so already.")
    if state == OwnModule.State.PUBLISHED and (faults := faults_of_questions(module.questions)):
        return str(faults[0])
    return None
