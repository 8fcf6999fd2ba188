"""Where in the table of a draft somebody looks, carried along while they decide elsewhere.

It travels as one field, `back`, and is written anew from the three things it may say, so that
whatever is sent there only ever leads back into the same table.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from contraflow.core.codes import as_key
from contraflow.pairing.models import Draft

# a search for more than this is cut, so that addresses stay short
_LONGEST = 100
# as many characters are read; each could part two fields, and a query of 1 000 is refused
_READ = 900


@dataclass(frozen=True, kw_only=True)
class Place:
    """Hold the order of a draft's table, the words searched for, and the page."""

    least_first: bool = False
    search: str = ""
    page: str = ""

    @classmethod
    def here(cls, request: HttpRequest) -> "Place":
        """Return the place that the page of a draft shows."""
        return cls._of(request.GET)

    @classmethod
    def back(cls, request: HttpRequest) -> "Place":
        """Return the place that somebody came from."""
        sent = request.POST if request.method == "POST" else request.GET
        return cls._of(QueryDict(sent.get("back", "")[:_READ]))

    @classmethod
    def _of(cls, query: QueryDict) -> "Place":
        number = as_key(query.get("page"))
        return cls(
            least_first=query.get("order") == "least",
            search=query.get("q", "").strip()[:_LONGEST],
            page=str(number) if number and number > 1 else "",
        )

    def __str__(self):
        said = {"order": "least" if self.least_first else "", "q": self.search, "page": self.page}
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def link(self) -> str:
        """Return what a link adds, so that the page behind it leads back here; empty for none."""
        return f"?{urlencode({'back': str(self)})}" if str(self) else ""

    def url(self, draft: Draft, **more: str) -> str:
        """Return the address of a draft at this place."""
        query = "&".join(each for each in (str(self), urlencode(more)) if each)
        return draft.get_absolute_url() + (f"?{query}" if query else "")
