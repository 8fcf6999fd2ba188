"""Sessions in the database, named there by a digest of what the cookie holds.

Django keeps the cookie's own value, so that whoever reads the table, or an old backup of it, could
act as everybody who is signed in, and read what is sealed for them. Contraflow is served by WSGI
alone, so Django's twins of these methods for async views are left as they are.
"""

import hashlib

from django.contrib.sessions.backends import db
from django.utils import timezone


def _digest(key: str | None) -> str | None:
    # 160 bits: what fits Django's column
    return key and hashlib.sha256(key.encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    """Keep the session of a cookie under the digest of its key."""

    def _get_session_from_db(self):
        found = self.model.objects.filter(session_key=_digest(self.session_key))
        row = found.filter(expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key):
        """Tell whether the key is taken."""
        return super().exists(_digest(session_key))

    def create_model_instance(self, data):
        """Return the row to save."""
        row = super().create_model_instance(data)
        row.session_key = _digest(row.session_key)
        return row

    def delete(self, session_key=None):
        """End a session, by default this one."""
        if key := session_key or self.session_key:
            super().delete(_digest(key))
