"""Examples are never tried against the clock; in CI hypothesis has a profile of its own."""

import os

from hypothesis import settings

if not os.environ.get("CI"):
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
