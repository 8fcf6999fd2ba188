"""How often something may be tried, counted for all processes together.

The count is a set of slots in the shared cache. Taking a slot is `cache.add`, which the database
answers with yes to one process only, so that parallel tries cannot slip past the count.
"""

import hashlib
import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


@dataclass(frozen=True)
class Limit:
    """So many tries within so many seconds, counted for each `who` by itself."""

    name: str
    tries: int
    seconds: int

    def take(self, who: str) -> str | None:
        """Use up one try and return its slot, or None if none is left."""
        slots = self._slots(who)
        taken = cache.get_many(slots)
        free = (slot for slot in slots if slot not in taken)
        return next((slot for slot in free if cache.add(slot, 1, self.seconds)), None)

    def _slots(self, who: str) -> list[str]:
        # the cache table holds no addresses of people
        digest = hashlib.sha256(f"{self.name}\0{who}".encode()).hexdigest()[:32]
        return [f"limit:{self.name}:{digest}:{number}" for number in range(self.tries)]


def give_back(*slots: str | None) -> None:
    """Forget tries that turned out to be right."""
    cache.delete_many([slot for slot in slots if slot])


def network_of(request: HttpRequest) -> str:
    """Return where a request comes from: its IPv4 address, or the /64 of its IPv6 address.

    Behind a proxy that is what the proxy itself saw: the last address it wrote down.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        address = forwarded.rsplit(",", 1)[-1].strip() or address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    # one household or office has a whole /64, so single addresses would count nothing
    return str(ipaddress.ip_network((parsed, 64), strict=False))
