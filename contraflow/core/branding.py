"""What makes mails and pages the organisation's own: its name, a colour and a logo."""

import hashlib
import re
import struct
import zlib
from dataclasses import dataclass
from email.mime.image import MIMEImage
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils.translation import gettext as _

from contraflow.core.errors import Refusal
from contraflow.core.events import Event, announce
from contraflow.core.models import Installation, Logo

OWN_ACCENT = "#3a2f8f"
# the darker paper of a light mail, the lighter sheet of a dark one, and the ink of a dark button
_PAPER, _DARK_SHEET, _DARK_INK = "#f7f5f0", "#1d1b2b", "#17142e"
# what WCAG asks of text
_CONTRAST = 4.5
MOST_BYTES = 200_000
# enough for a sharp logo 60 px high on the best of screens
MOST_PIXELS = (1200, 400)
# where the frame of a mail has room for the logo
LOGO_PLACE, _LOGO_ID = "<!--logo-->", "logo@contraflow"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


# -- the colour -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Accent:
    """A colour and its lighter sister for dark mail programs."""

    light: str
    dark: str


def accent_of(installation: Installation) -> Accent:
    """Return the colour of this organisation, or the product's own."""
    if not installation.accent:
        return Accent(OWN_ACCENT, "#a59bff")
    return Accent(installation.accent, _lighter(installation.accent))


def why_not_accent(colour: str) -> str | None:
    """Say why a colour cannot be used, or None if it can."""
    if not re.fullmatch(r"#[0-9a-f]{6}", colour):
        return _("Write the colour like #3a2f8f.")
    ratio = contrast(colour, _PAPER)
    if ratio < _CONTRAST:
        return _(
            "This colour is too light to be read: its contrast is %(ratio)s : 1, and %(least)s : 1 "
            "is the least. Choose a darker one."
        ) % {"ratio": f"{ratio:.1f}", "least": f"{_CONTRAST:.1f}"}
    return None


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG defines it, 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(channel) for channel in bytes.fromhex(colour[1:]))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lighter(colour: str) -> str:
    """Mix with white until it reads on a dark sheet, and dark ink reads on it."""
    channels = bytes.fromhex(colour[1:])
    for share in range(0, 101, 2):
        mixed = "#" + bytes(c + (255 - c) * share // 100 for c in channels).hex()
        if min(contrast(mixed, _DARK_SHEET), contrast(mixed, _DARK_INK)) >= _CONTRAST:
            return mixed
    return "#ffffff"


# -- the logo -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Picture:
    """A picture that was read to its last pixel."""

    png: bytes
    width: int
    height: int


def read_png(content: bytes) -> Picture:
    """Read a PNG and write it anew from its pixels; refuse everything else.

    Nothing of the file is kept but size, palette, transparency and pixels.
    """
    if len(content) > MOST_BYTES:
        raise Refusal(
            _("The logo has more than %(most)s kB. Save a smaller one.")
            % {"most": MOST_BYTES // 1000}
        )
    if not content.startswith(_SIGNATURE):
        raise Refusal(_("Only PNG files can be a logo. Save yours as PNG."))
    try:
        chunks = _chunks(content)
        header = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
        width, height, depth, colour, compression, filtering, interlaced = header
        if not (0 < width <= MOST_PIXELS[0] and 0 < height <= MOST_PIXELS[1]):
            raise Refusal(
                _("The logo is %(width)s × %(height)s pixels; at most %(most_width)s × "
                  "%(most_height)s fit.")
                % {"width": width, "height": height,
                   "most_width": MOST_PIXELS[0], "most_height": MOST_PIXELS[1]}
            )  # fmt: skip
        if compression or filtering or interlaced or depth not in {1, 2, 4, 8}:
            raise Refusal(_("Save the PNG with 8 bits a colour and without interlacing."))
        row = 1 + (width * _CHANNELS[colour] * depth + 7) // 8
        pixels = _inflate(chunks[b"IDAT"], row * height)
        if any(pixels[start] > 4 for start in range(0, len(pixels), row)):
            raise ValueError("a filter that does not exist")
        if colour == 3 and not 0 < len(chunks[b"PLTE"]) <= 768:
            raise ValueError("a palette without colours")
    except (KeyError, ValueError, struct.error, zlib.error) as error:
        raise Refusal(_("This PNG cannot be read to its end. Save it again.")) from error
    kept = [(name, chunks[name]) for name in (b"IHDR", b"PLTE", b"tRNS") if name in chunks]
    kept += [(b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return Picture(_SIGNATURE + b"".join(_chunk(*each) for each in kept), width, height)


def _chunks(content: bytes) -> dict[bytes, bytes]:
    """Return the parts of a PNG by name, those of the pixels joined; each must be whole."""
    found: dict[bytes, bytes] = {}
    place = len(_SIGNATURE)
    while b"IEND" not in found:
        length, name = struct.unpack_from(">I4s", content, place)
        inside = content[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, place + 8 + length)
        if zlib.crc32(name + inside) != checksum:
            raise ValueError("a part that was changed on its way")
        found[name] = found.get(name, b"") + inside
        place += length + 12
    return found


def _inflate(squeezed: bytes, size: int) -> bytes:
    # never more than the header promises: a few bytes may unpack to gigabytes
    reader = zlib.decompressobj()
    pixels = reader.decompress(squeezed, size)
    if len(pixels) != size:
        raise ValueError("fewer pixels than promised")
    return pixels


def _chunk(name: bytes, inside: bytes) -> bytes:
    checksum = zlib.crc32(name + inside)
    return struct.pack(">I4s", len(inside), name) + inside + struct.pack(">I", checksum)


def with_logo(message: EmailMultiAlternatives, markup: str) -> None:
    """Give a mail its HTML, with the logo in it where there is one.

    The picture travels with the mail: one fetched from a server tells who reads when.
    """
    logo = Logo.objects.first()
    shown = f'<img class="logo" src="cid:{_LOGO_ID}" alt="" height="{_shown_height(logo)}"><br>'
    message.attach_alternative(markup.replace(LOGO_PLACE, shown if logo else ""), "text/html")
    if logo is None:
        return
    picture = MIMEImage(bytes(logo.png), "png")
    picture.add_header("Content-ID", f"<{_LOGO_ID}>")
    picture.add_header("Content-Disposition", "inline", filename="logo.png")
    message.attach(picture)


def _shown_height(logo: Logo | None) -> int:
    # mail programs that know no stylesheet would show every pixel
    return min(48, logo.height, 200 * logo.height // logo.width or 1) if logo else 0


# -- writing --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BrandChanged(Event):
    """Name, colour or logo of the organisation were changed."""

    fields: tuple[str, ...]


@transaction.atomic
def change_brand(
    *, by: Any, organisation: str, accent: str, logo: bytes | None, takes_logo_away: bool = False
) -> None:
    """Write the organisation's name and colour, and its logo where there is a new one."""
    installation = Installation.objects.select_for_update().get()
    accent = "" if accent == OWN_ACCENT else accent
    if accent and (reason := why_not_accent(accent)):
        raise Refusal(reason)
    before = {name: getattr(installation, name) for name in ("organisation", "accent", "logo_mark")}
    installation.organisation, installation.accent = organisation, accent
    if logo is not None:
        picture = read_png(logo)
        Logo.objects.update_or_create(
            pk=1, defaults={"png": picture.png, "width": picture.width, "height": picture.height}
        )
        installation.logo_mark = hashlib.sha256(picture.png).hexdigest()[:16]
    elif takes_logo_away:
        Logo.objects.all().delete()
        installation.logo_mark = ""
    changed = [name for name, value in before.items() if getattr(installation, name) != value]
    if changed:
        installation.save(update_fields=changed)
        announce(BrandChanged(fields=tuple(changed)), by=by)
