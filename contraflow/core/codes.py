"""Public codes: how rows are named in addresses, so that nobody can count or guess them."""

import secrets

# no vowels, so that no words appear; no 0/O, 1/l, so that it can be read aloud
_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"


def make_code() -> str:
    """Return a fresh public id of 12 letters and digits, about 57 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))
