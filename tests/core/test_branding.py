"""A colour that can be read and a logo that is nothing but pixels."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contraflow.core import branding
from contraflow.core.branding import accent_of, change_brand, contrast, read_png, why_not_accent
from contraflow.core.errors import Refusal
from contraflow.core.models import AuditEntry, Installation, Logo


def chunk(name, inside=b""):
    checksum = zlib.crc32(name + inside)
    return struct.pack(">I4s", len(inside), name) + inside + struct.pack(">I", checksum)


def png(width=4, height=3, *, pixels=None, more=b"", after=b"", header=(8, 6, 0, 0, 0)):
    rows = b"".join(b"\0" + bytes(4 * width) for _row in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, *header))
        + more
        + chunk(b"IDAT", zlib.compress(rows if pixels is None else pixels))
        + chunk(b"IEND")
        + after
    )


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_a_colour_that_is_taken_is_read_in_light_and_dark(colour):
    accent = accent_of(Installation(accent=colour))

    assert contrast(accent.dark, "#1d1b2b") >= 4.5
    assert contrast(accent.dark, "#17142e") >= 4.5
    if not why_not_accent(colour):
        assert contrast(colour, "#ffffff") >= contrast(colour, "#f7f5f0") >= 4.5


@pytest.mark.parametrize("colour", ["#ffff00", "red", "#12345", "#1234567", "#3a2f8f;}"])
def test_a_colour_nobody_can_read_is_refused_in_words(colour):
    assert why_not_accent(colour)
    assert not why_not_accent("#3a2f8f")


def test_a_logo_is_written_anew_from_its_pixels():
    secret = chunk(b"tEXt", b"Author\0Somebody") + chunk(b"eXIf", b"where")
    picture = read_png(png(more=secret, after=b"<script>x</script>"))

    assert (picture.width, picture.height) == (4, 3)
    assert picture.png == read_png(picture.png).png
    assert not any(each in picture.png for each in (b"Somebody", b"where", b"script"))


REFUSED = {
    "no PNG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "only its beginning": b"\x89PNG\r\n\x1a\n",
    "cut off": png()[:-20],
    "a part that was changed": png().replace(b"IHDR\0\0\0\x04", b"IHDR\0\0\0\x05"),
    "too wide": png(width=1201),
    "no height": png(height=0),
    "fewer pixels than promised": png(pixels=b"\0" * 3),
    "a filter that does not exist": png(pixels=(b"\7" + bytes(16)) * 3),
    "interlaced": png(header=(8, 6, 0, 0, 1)),
    "sixteen bits": png(header=(16, 6, 0, 0, 0)),
    "a colour type that does not exist": png(header=(8, 5, 0, 0, 0)),
    "a palette that is missing": png(pixels=bytes(5) * 3, header=(8, 3, 0, 0, 0)),
    "too many bytes": png(more=chunk(b"tEXt", bytes(branding.MOST_BYTES))),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_no_small_png_is_refused_in_words(content):
    with pytest.raises(Refusal) as refusal:
        read_png(content)

    assert str(refusal.value).endswith(".")


def test_a_bomb_unpacks_to_no_more_than_its_header_promises():
    bomb = png(pixels=bytes(50_000_000))

    assert len(read_png(bomb).png) < 200


@pytest.mark.django_db
def test_name_colour_and_logo_are_changed_noted_and_shown(cast, client):
    change_brand(by=cast.root, organisation="Ågren", accent="#7a1f3d", logo=png())
    changed = Installation.current()

    page = client.get("/people/sign-in/").text
    assert f"/brand/{changed.logo_mark}.png" in page
    assert "/brand/7a1f3d.css" in page
    assert client.get(f"/brand/{changed.logo_mark}.png").content == bytes(Logo.objects.get().png)
    assert "#7a1f3d" in client.get("/brand/7a1f3d.css").text
    assert client.get("/brand/0000000000000000.png").status_code == 404
    assert client.get("/brand/ffffff.css").status_code == 404
    entry = AuditEntry.objects.get(event="BrandChanged")
    assert entry.facts == {"fields": ["organisation", "accent", "logo_mark"]}

    change_brand(
        by=cast.root, organisation="Ågren", accent=branding.OWN_ACCENT, logo=None,
        takes_logo_away=True,
    )  # fmt: skip
    assert (Installation.current().accent, Installation.current().logo_mark) == ("", "")
    assert Logo.objects.count() == 0
    with pytest.raises(Refusal):
        change_brand(by=cast.root, organisation="Ågren", accent="#ffffff", logo=None)
