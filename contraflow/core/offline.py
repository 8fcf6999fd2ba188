"""One file that holds everything and asks for nothing: it opens without a network, years later."""

import re
from importlib import resources

from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language


def offline_file(title: str, body: str, *, name: str) -> HttpResponse:
    """Answer with a whole page to keep, in the colours of the product."""
    whole = format_html(
        '<!doctype html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{} · Contraflow</title>\n<style>{}</style>\n</head>\n"
        "<body>\n{}\n</body>\n</html>\n",
        get_language(), title, _style(), body,
    )  # fmt: skip
    return as_download(whole, "text/html", name=name)


def as_download(content: str, kind: str, *, name: str) -> HttpResponse:
    """Answer with a text file that is kept under a name."""
    response = HttpResponse(content, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _style() -> SafeString:
    """Return the colours of every page, without the fonts, and what is the files' own."""
    core = resources.files("contraflow.core").joinpath("static/core")
    tokens = re.sub(r"@font-face\s*\{[^}]*\}", "", (core / "css/tokens.css").read_text("utf-8"))
    return mark_safe(f"{tokens}\n{(core / 'offline.css').read_text('utf-8')}")
