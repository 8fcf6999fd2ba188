import pytest
from django.core.cache import cache
from django.test import RequestFactory

from contraflow.core.limits import Limit, give_back, network_of

LIMIT = Limit("knock", tries=2, seconds=60)


@pytest.fixture(autouse=True)
def _empty_cache(db):
    cache.clear()


def test_limit_gives_as_many_tries_as_it_says_to_each():
    taken = [LIMIT.take("ama"), LIMIT.take("ama"), LIMIT.take("ama")]

    assert len(set(taken[:2])) == 2
    assert taken[2] is None
    assert LIMIT.take("bela") is not None


def test_try_given_back_can_be_taken_again():
    LIMIT.take("ama")
    give_back(LIMIT.take("ama"), None)

    assert LIMIT.take("ama") is not None
    assert LIMIT.take("ama") is None


def test_slot_that_another_process_takes_meanwhile_is_not_given_twice(monkeypatch):
    monkeypatch.setattr(cache, "get_many", lambda keys: {})  # as seen before the other one wrote

    assert LIMIT.take("ama") != LIMIT.take("ama")
    assert LIMIT.take("ama") is None


@pytest.mark.parametrize(
    ("remote", "forwarded", "behind_proxy", "network"),
    [
        ("192.0.2.7", "", False, "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", False, "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.1", "", True, "10.0.0.1"),
        ("2001:db8::1:2:3:4", "", False, "2001:db8::/64"),
        ("", "", False, ""),
    ],
)
def test_network_is_what_cannot_be_invented(settings, remote, forwarded, behind_proxy, network):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if behind_proxy else None
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=remote, **headers)

    assert network_of(request) == network
