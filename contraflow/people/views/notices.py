"""What stands below the bell."""

from django.core.paginator import Paginator
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from contraflow.core.access import access
from contraflow.core.models import Notice
from contraflow.core.notices import IN_PANEL, PER_PAGE, mark_read, told
from contraflow.core.pages import page


@access(to="people.read_notices")
@never_cache
@require_safe
def notice_list(request):
    """Show what one was told in the last thirty days: a page, or the newest in the panel."""
    mine = Notice.objects.visible_to(request.user)
    is_panel = bool(request.htmx and not request.htmx.history_restore_request)
    each = Paginator(mine, IN_PANEL if is_panel else PER_PAGE)
    found = each.get_page(request.GET.get("page"))
    return page(
        request, "people/notices.html", part="panel", pages=found, notices=told(request.user, found)
    )


@access(Notice, to="people.read_notices")
@never_cache
@require_safe
def notice(request, notice):
    """Lead to what a notice is about, and count it as read."""
    mark_read(request.user, only=notice)
    return redirect(notice.path)


@access(to="people.read_notices")
@require_http_methods(["GET", "HEAD", "POST"])
def notices_read(request):
    """Count all notices as read."""
    if request.method == "POST":
        mark_read(request.user)
    return redirect("people:notices")
