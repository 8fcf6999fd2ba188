import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse

from contraflow.core.access import access, public
from contraflow.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def door():
    """A view of a person that only Chi may change."""
    rules.add_perm(
        "test.change_person", rules.predicate(lambda person, other: person.name == "Chi")
    )

    @access(Person, to="test.change_person")
    def view(request, person, **kwargs):
        return HttpResponse(f"{person.name} {kwargs}")

    yield view
    rules.remove_perm("test.change_person")


def opened(door, rf, person, code):
    request = rf.get("/door/?next=1")
    request.user = person
    return door(request, code=code)


def test_who_may_is_handed_the_object_and_the_rest_of_the_address(door, cast, rf):
    request = rf.get("/")
    request.user = cast.chi

    answer = door(request, code=cast.ama.code, page=2)

    assert answer.content == b"Ama {'page': 2}"


def test_who_sees_but_may_not_is_refused(door, cast, rf):
    with pytest.raises(PermissionDenied):
        opened(door, rf, cast.ama, cast.ama.code)


def test_who_does_not_see_learns_nothing(door, cast, rf):
    """The same answer as for a code that was never given."""
    for code in (cast.bela.code, "2222bbbbcccc"):
        with pytest.raises(Http404, match="No Person matches the given query"):
            opened(door, rf, cast.ama, code)


def test_who_is_signed_out_is_sent_to_sign_in_and_back(door, cast, rf):
    answer = opened(door, rf, AnonymousUser(), cast.ama.code)

    assert (answer.status_code, answer.url) == (302, "/people/sign-in/?next=/door/%3Fnext%3D1")


def test_unknown_verb_is_nobodys(cast, rf):
    """A misspelt permission closes the door instead of opening it."""
    view = access(to="test.no_such_verb")(lambda request: HttpResponse())
    request = rf.get("/")
    request.user = cast.root

    with pytest.raises(PermissionDenied):
        view(request)


def test_whoever_left_may_do_nothing(door, cast, rf):
    cast.chi.left_on = cast.chi.made_at.date()

    with pytest.raises(PermissionDenied):
        opened(door, rf, cast.chi, cast.ama.code)


def test_every_door_carries_its_policy(door):
    @public("It shows nothing.")
    def open_to_all(request):
        return HttpResponse("hello")

    assert door.policy == "test.change_person"
    assert (open_to_all.policy, open_to_all.why_public) == ("public", "It shows nothing.")
    assert open_to_all(None).content == b"hello"
