import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contraflow.core.models import OutgoingMail, SealingKey
from contraflow.core.sealing import (
    Sealed,
    SealingError,
    destroy_keys,
    open_together,
    opens_here,
    secret_of,
)
from contraflow.pairs.models import SessionWords


@pytest.fixture
def words(cast):
    session = cast.pair.sessions.first()
    return SessionWords.objects.create(session=session, learned_by_mentor="the secret of the pair")


def raw(words):
    """The value as the database holds it."""
    return SessionWords.objects.values_list("learned_by_mentor", flat=True).get(pk=words.pk)


def test_words_come_back_as_they_were_written(words):
    assert SessionWords.objects.get(pk=words.pk).learned_by_mentor == "the secret of the pair"


def test_database_holds_no_word(words):
    assert isinstance(raw(words), Sealed)
    assert b"secret" not in raw(words)


def test_two_equal_texts_look_different(cast):
    first, second = cast.pair.sessions.all()[:2]
    one = SessionWords.objects.create(session=first, learned_by_mentor="same")
    two = SessionWords.objects.create(session=second, learned_by_mentor="same")

    assert raw(one) != raw(two)


def test_words_of_a_pair_share_one_key(cast):
    for session in cast.pair.sessions.all():
        SessionWords.objects.create(session=session, learned_by_mentor="x")

    assert list(SealingKey.objects.values_list("owner", flat=True)) == [f"pair:{cast.pair.pk}"]


def test_value_moved_to_another_row_does_not_open(cast, words):
    other = SessionWords.objects.create(session=cast.pair.sessions.last(), learned_by_mentor="x")
    SessionWords.objects.filter(pk=other.pk).update(learned_by_mentor=raw(words))

    with pytest.raises(SealingError, match="altered or moved"):
        _ = SessionWords.objects.get(pk=other.pk).learned_by_mentor


def test_destroyed_key_destroys_the_words(words):
    SealingKey.objects.all().delete()

    with pytest.raises(SealingError, match="key was destroyed"):
        _ = SessionWords.objects.get(pk=words.pk).learned_by_mentor


def test_a_key_destroyed_for_good_opens_nothing_and_is_never_made_anew(words):
    SealingKey.objects.filter(owner=words.sealed_for()).update(retired_at=timezone.now())
    words.question = "under the next key"
    words.save()
    assert SealingKey.objects.filter(owner=words.sealed_for()).count() == 2

    for _ in range(2):
        destroy_keys([words.sealed_for(), "pair:77"], at=timezone.now())

    rows = {row.owner: (bytes(row.wrapped), row.retired_at) for row in SealingKey.objects.all()}
    assert rows == dict.fromkeys(["pair:77", words.sealed_for()], (b"", None))
    assert SealingKey.objects.count() == 2
    for field in ("question", "learned_by_mentor"):
        with pytest.raises(SealingError, match="its key was destroyed"):
            getattr(SessionWords.objects.get(), field)
    assert opens_here()
    with pytest.raises(SealingError, match="was destroyed; nothing is sealed for it again"):
        SessionWords(pk=words.pk, question="Late").save()


def test_wrong_installation_key_is_named(words, settings):
    settings.SEALING_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="

    with pytest.raises(SealingError, match="does not open with this installation's key"):
        _ = SessionWords.objects.get(pk=words.pk).learned_by_mentor


def test_lost_installation_key_is_not_made_anew(words, settings, tmp_path):
    settings.SEALING_KEY_PATH = tmp_path / "sealing_key"

    with pytest.raises(SealingError, match="installation's key is missing"):
        _ = SessionWords.objects.get(pk=words.pk).learned_by_mentor
    assert not settings.SEALING_KEY_PATH.exists()


def test_sealed_field_can_be_neither_searched_nor_updated_in_bulk(words):
    with pytest.raises(FieldError, match="cannot be searched"):
        SessionWords.objects.filter(learned_by_mentor="the secret of the pair").exists()
    with pytest.raises(SealingError, match="save the instance"):
        SessionWords.objects.update(learned_by_mentor="plain")


def test_saving_without_reading_leaves_the_value_alone(words):
    before = raw(words)
    SessionWords.objects.get(pk=words.pk).save()

    assert raw(words) == before


def test_none_is_no_secret(words):
    assert SessionWords.objects.filter(learned_by_mentee__isnull=True).get() == words


@pytest.mark.parametrize("count", [1, 3])
def test_keys_of_many_rows_cost_one_query(cast, count, django_assert_num_queries):
    for session in list(cast.pair.sessions.all())[:count]:
        SessionWords.objects.create(session=session, learned_by_mentor="x")

    with django_assert_num_queries(2):
        rows = open_together(SessionWords.objects.select_related("session"))
        assert [row.learned_by_mentor for row in rows] == ["x"] * count


def test_bulk_create_seals(cast):
    rows = [SessionWords(session=s, learned_by_mentor="bulk") for s in cast.pair.sessions.all()]
    SessionWords.objects.bulk_create(rows)

    assert b"bulk" not in b"".join(SessionWords.objects.values_list("learned_by_mentor", flat=True))
    assert [row.learned_by_mentor for row in SessionWords.objects.all()] == ["bulk"] * 3


def test_outgoing_mail_is_sealed_for_its_reader(cast):
    mail = OutgoingMail.objects.create(
        kind="k", once="o", to_id=cast.ama.pk, address=cast.ama.email, words={"text": "hello"}
    )
    assert mail.sealed_for() == f"person:{cast.ama.pk}"
    assert OutgoingMail.objects.get().words == {"text": "hello"}


@pytest.mark.parametrize("field", ["learned_by_mentor", "learned_by_mentee"])
def test_length_of_what_is_sealed_tells_little_about_it(cast, field):
    first, second = cast.pair.sessions.all()[:2]
    short = SessionWords.objects.create(session=first, **{field: ""})
    long = SessionWords.objects.create(session=second, **{field: "x" * 250})

    raw_values = SessionWords.objects.values_list(field, flat=True)
    # version, key and nonce, 256 bytes of text, tag
    assert len(raw_values.get(pk=short.pk)) == len(raw_values.get(pk=long.pk)) == 21 + 256 + 16


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(
            lambda sealed: b"\x02" + sealed[1:], "another version", id="of a later version"
        ),
        pytest.param(lambda sealed: sealed[:-1], "altered or moved", id="a byte short"),
        pytest.param(lambda sealed: sealed[:12], "altered or moved", id="cut in its nonce"),
        pytest.param(lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), "altered", id="one bit"),
    ],
)
def test_value_that_was_changed_does_not_open(words, change, says):
    SessionWords.objects.update(learned_by_mentor=Sealed(change(raw(words))))

    with pytest.raises(SealingError, match=says):
        _ = SessionWords.objects.get().learned_by_mentor


def test_every_other_way_to_write_in_bulk_is_refused_or_does_not_open(cast, words):
    words.learned_by_mentor = "plain"
    with pytest.raises(SealingError, match="save the instance"), transaction.atomic():
        SessionWords.objects.bulk_update([words], ["learned_by_mentor"])

    SessionWords.objects.update(learned_by_mentee=F("learned_by_mentor"))
    with pytest.raises(SealingError, match="altered or moved"):
        _ = SessionWords.objects.get().learned_by_mentee

    again, _made = SessionWords.objects.update_or_create(
        session=words.session, defaults={"learned_by_mentor": "sealed", "learned_by_mentee": None}
    )
    assert b"sealed" not in raw(again)


def test_a_dump_of_rows_holds_no_word(words):
    """Django's dumpdata reads attributes, and so would open what it writes."""
    with pytest.raises(TypeError, match="bytes-like"):
        serializers.serialize("json", SessionWords.objects.all())

    assert list(SessionWords.objects.values("learned_by_mentor")) == [
        {"learned_by_mentor": raw(words)}
    ]


@pytest.mark.django_db
def test_a_secret_is_the_same_each_time_and_another_one_for_another_owner():
    first = secret_of("cover:one")

    assert len(first) == 32
    assert secret_of("cover:one") == first
    assert secret_of("cover:two") != first
    assert first not in SealingKey.objects.get(owner="cover:one").wrapped
