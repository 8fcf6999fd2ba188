"""Public codes: how rows are named in addresses, so that nobody can count or guess them."""

import secrets

# no vowels, so that no words appear; no 0/O, 1/l, so that it can be read aloud
_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"


# what every database keeps as a whole number
_LARGEST_KEY = 2**63 - 1


def as_key(text: str | None) -> int | None:
    """Return the number of a row as a form sent it, None where no row can have it."""
    # 19 digits at most: Python refuses to read thousands
    if not text or not text.isdecimal() or len(text) > 19:
        return None
    return key if (key := int(text)) <= _LARGEST_KEY else None


def make_code() -> str:
    """Return a fresh public id of 12 letters and digits, about 57 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))
