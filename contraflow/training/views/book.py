"""Everything to read at once: as a page to print, and as one file to keep on a phone."""

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contraflow.core.access import access
from contraflow.core.offline import offline_file
from contraflow.core.pages import page
from contraflow.training import queries
from contraflow.training.modules import guides
from contraflow.training.views.learning import ROLE_WORDS


def _content(request):
    """Return one's own guides, or all of them where one has no role, and the modules."""
    training = queries.training_of(request.user)
    roles = training.roles or list(ROLE_WORDS)
    return {
        "guides": [(ROLE_WORDS[role], guides()[role]) for role in roles],
        "stages": training.stages,
        "today": timezone.localdate(),
    }


@access(to="training.learn")
@require_safe
def book(request):
    """Show guides and modules on one page, for paper."""
    return page(request, "training/book.html", **_content(request))


@access(to="training.learn")
@require_safe
def book_file(request):
    """Give the same as one file that holds everything and asks for nothing: it needs no network."""
    body = render_to_string("training/book_body.html", _content(request))
    return offline_file(_("Training to keep"), body, name="training.html")
