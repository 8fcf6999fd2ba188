"""The product's settings for the processes that fault tests kill: short leases, and the pauses."""

from contraflow.config.settings import *  # noqa: F403 -- the product's settings are the base
from contraflow.config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.app"]
# a mail whose worker was killed is sent again after 30 times this
EMAIL_TIMEOUT = 0.1
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
