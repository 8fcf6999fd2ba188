"""The product's settings with what tests need: throw-away data, quick hashes, mail in memory."""

import atexit
import os
import shutil
import tempfile

os.environ["CONTRAFLOW_DATA_DIR"] = tempfile.mkdtemp(prefix="contraflow-test-")
atexit.register(shutil.rmtree, os.environ["CONTRAFLOW_DATA_DIR"], ignore_errors=True)
os.environ["CONTRAFLOW_DATABASE_URL"] = os.environ.get("CONTRAFLOW_TEST_DATABASE_URL", "")

from contraflow.config.settings import *  # noqa: E402, F403 -- the environment comes first
from contraflow.config.settings import DATABASES, LOGGING  # noqa: E402 -- the environment comes first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["*"]
# each test's client starts the middleware anew: static files are looked up when asked for
WHITENOISE_AUTOREFRESH = True
DATABASES["default"]["CONN_MAX_AGE"] = 0
# a file, as in the product: a database in memory locks differently, and refuses two who write
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["TEST"] = {"NAME": f"{DATABASES['default']['NAME']}-test"}
# pytest shows what was logged; a handler would go on writing to a stream that it has closed
LOGGING["handlers"]["console"] = {"class": "logging.NullHandler"}
