"""Menus that rooms fill: a lower page shows what a higher room registered, without importing it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One link of a menu; shown to those who may do `to`, on the object the menu is about."""

    label: Any
    url_name: str
    to: str
    order: int
    icon: str = ""


_menus: dict[str, list[Entry]] = defaultdict(list)
_below: dict[str, set[str]] = defaultdict(set)


def add_entry(menu: str, entry: Entry) -> None:
    """Put a link into a menu; rooms call it from their AppConfig.ready."""
    _menus[menu].append(entry)
    _menus[menu].sort(key=lambda each: each.order)


def put_below(link: str, *pages: str) -> None:
    """Count pages, named like `pairs:list` or by their room, as lying below a menu's link."""
    _below[link].update(pages)


def entries(menu: str, request: HttpRequest, about: Any = None) -> list[dict]:
    """Return the links of a menu that this person may follow, the current one marked.

    `about` is the object of the menu, a cohort say; its `code` goes into each address.
    """
    person, match = request.user, request.resolver_match
    page_and_room = (match.view_name, match.app_name) if match else ()
    found = []
    for entry in _menus[menu]:
        if not person.has_perm(entry.to, *([about] if about is not None else [])):
            continue
        url = reverse(entry.url_name, args=[about.code] if about is not None else [])
        found.append(
            {
                "label": entry.label,
                "url": url,
                "icon": entry.icon,
                "room": entry.url_name.partition(":")[0],
                "current": _is_current(request.path, url, about)
                or not _below[entry.url_name].isdisjoint(page_and_room),
            }
        )
    if about is not None and not any(link["current"] for link in found):
        _mark_room(request, found)
    return found


def _mark_room(request: HttpRequest, found: list[dict]) -> None:
    """Mark the first tab of the page's own room: a page below a tab still belongs to it."""
    room = request.resolver_match.app_name if request.resolver_match else ""
    for link in found:
        if link["room"] == room:
            link["current"] = True
            break


def _is_current(path: str, url: str, about: Any) -> bool:
    if url == path:
        return True
    # the first tab of an object is a prefix of all others, so it is current only when exact
    return about is None and url != "/" and path.startswith(url)


Region = Callable[..., tuple[str, dict] | None]
_regions: dict[str, list[tuple[int, Region]]] = defaultdict(list)


def region(name: str, *, order: int = 50) -> Callable[[Region], Region]:
    """Let a higher room show something in the named place of a lower room's page.

    The function gets the request and the page's object, and returns a template
    with its context, or None to show nothing.
    """

    def remember(show: Region) -> Region:
        _regions[name].append((order, show))
        _regions[name].sort(key=lambda each: each[0])
        return show

    return remember


def regions(name: str, request: HttpRequest, about: Any) -> list[tuple[str, dict]]:
    """Return what the rooms show in the named place, in order."""
    shown = (show(request, about) for _order, show in _regions[name])
    return [each for each in shown if each is not None]
