"""The copy of a pair's words that each of the two takes home, as a page to keep and as data."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contraflow.core.access import access
from contraflow.core.errors import refuse_if
from contraflow.core.offline import as_download, offline_file
from contraflow.pairs.keeping import chapters_of, why_not_take_copy
from contraflow.pairs.models import Pair


@access(Pair, to="pairs.take_copy")
@require_safe
def pair_copy(request, pair):
    """Give one of the two everything they may read, as one file that opens anywhere."""
    refuse_if(why_not_take_copy(pair, by=request.user))
    body = render_to_string(
        "pairs/copy_body.html",
        {
            "pair": pair, "person": request.user, "partner": pair.partner_of(request.user),
            "today": timezone.localdate(), "chapters": chapters_of(pair, reader=request.user),
        },
    )  # fmt: skip
    title = _("You and %(name)s") % {"name": pair.partner_of(request.user).name}
    return offline_file(title, body, name=f"pair-{pair.code}.html")


@access(Pair, to="pairs.take_copy")
@require_safe
def pair_copy_data(request, pair):
    """Give the same as JSON, for another program."""
    refuse_if(why_not_take_copy(pair, by=request.user))
    chapters = [
        {
            "title": chapter.title,
            "entries": [
                {
                    "title": entry.title,
                    "day": entry.day,
                    "words": [{"label": label, "text": text} for label, text in entry.words],
                }
                for entry in chapter.entries
            ],
        }
        for chapter in chapters_of(pair, reader=request.user)
    ]
    data = {
        "mentor": pair.mentor.name, "leader": pair.mentee.name,
        "programme": pair.cohort.programme.title, "began": pair.started_on,
        "ended": pair.ended_on, "copy_of": request.user.name, "taken": timezone.localdate(),
        "chapters": chapters,
    }  # fmt: skip
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    return as_download(text, "application/json", name=f"pair-{pair.code}.json")
