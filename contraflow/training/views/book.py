"""Everything to read at once: as a page to print, and as one file to keep on a phone."""

import re
from importlib import resources

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contraflow.core.access import access
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
    whole = format_html(
        '<!doctype html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{} · Contraflow</title>\n<style>{}</style>\n</head>\n"
        "<body>\n{}\n</body>\n</html>\n",
        get_language(), _("Training to keep"), _style(),
        render_to_string("training/book_body.html", _content(request)),
    )  # fmt: skip
    response = HttpResponse(whole, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="training.html"'
    return response


def _style():
    """Return the colours of every page of the product, without its fonts, and the file's own."""
    core = resources.files("contraflow.core").joinpath("static/core/css/tokens.css")
    own = resources.files("contraflow.training").joinpath("static/training/book.css")
    tokens = re.sub(r"@font-face\s*\{[^}]*\}", "", core.read_text("utf-8"))
    return mark_safe(f"{tokens}\n{own.read_text('utf-8')}")
