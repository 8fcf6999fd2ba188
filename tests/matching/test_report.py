"""A report carries its whole proof and nothing about people; whatever is altered is found."""

import base64
import copy
import json
import zlib
from dataclasses import replace

import numpy as np
import pytest

from contraflow.matching import (
    MatchingInputError,
    Participant,
    Problem,
    Rules,
    report_of,
    solve,
    verify_report,
)
from contraflow.matching._report import _digest
from tests.matching.people import random_problem

OPEN = Rules(minimum_grade_gap=None, common_language=False)


def deep_problem():
    problem = random_problem(18, most=12, rules=OPEN)
    return replace(problem, depth=2, one_each_first=True)


@pytest.fixture(scope="module")
def report():
    problem = deep_problem()
    return report_of(problem, solve(problem))


def numbers_in(part, path=()):
    """Yield the path of every whole number, and every tenth one of long lists."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield from numbers_in(value, (*path, name))
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from numbers_in(value, (*path, place))
    elif isinstance(part, int):
        yield path


def changed(report, path, change):
    report = copy.deepcopy(report)
    part = report
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = change(part[path[-1]])
    return report


@pytest.mark.slow
def test_reports_of_every_kind_of_problem_are_right():
    for seed in range(60):
        problem = random_problem(seed, most=10)
        aims = {"objective": "total"} if seed % 3 == 0 else {"depth": 1 + seed % 4}
        problem = replace(problem, one_each_first=seed % 2 == 0, **aims)
        pairing = solve(problem)
        if len(pairing.pairs):
            row, column = pairing.pairs[0].tolist()
            locked = [(problem.mentors[row].id, problem.mentees[column].id)]
            problem = replace(problem, locked=locked)
            pairing = solve(problem)

        report = json.loads(json.dumps(report_of(problem, pairing)))

        assert verify_report(report).failures == (), seed


def test_no_word_of_anybody_is_in_a_report():
    people = [
        Participant(
            id=f"secret-{i}",
            topics={"secret-topic": 3},
            interests=frozenset({"secret-interest"}),
            wishes=(f"secret-{1 - i}",),
            vetoes=frozenset({"secret-veto"}),
        )
        for i in range(2)
    ]
    problem = Problem(mentors=people[:1], mentees=people[1:], rules=OPEN)

    assert "secret" not in json.dumps(report_of(problem, solve(problem)))


def test_two_who_are_not_possible_have_neither_reason_nor_score():
    ama = Participant(id="ama", topics={"ai": 4}, vetoes=frozenset({"kim"}))
    leaders = [Participant(id=name, topics={"ai": 2}) for name in ("eve", "kim")]
    problem = Problem(mentors=[ama], mentees=leaders, rules=OPEN)

    report = report_of(problem, solve(problem))

    scores = np.frombuffer(zlib.decompress(base64.b64decode(report["scores"]["bytes"])), "<i4")
    assert scores.tolist() == [725_000, 0]


def test_every_single_number_altered_is_found(report):
    assert verify_report(report).valid
    for path in numbers_in(report):
        for by in (1, -1):
            try:
                assert not verify_report(
                    changed(report, path, lambda value, by=by: value + by)
                ).valid
            except MatchingInputError:
                continue


@pytest.mark.parametrize("part", ["pairs", "score", "locked", "levels"])
def test_a_lie_with_a_fresh_digest_is_found_by_the_proof(report, part):
    paths = [path for path in numbers_in(report) if part in path and "higher" not in path]
    paths = [path for path in paths if "fewer" not in path]
    for path in paths:
        for by in (1, -1):
            lie = changed(report, path, lambda value, by=by: value + by)
            lie["digest"] = _digest(lie)
            try:
                assert not verify_report(lie).valid, path
            except MatchingInputError:
                continue


def test_a_price_with_a_fresh_digest_is_found_where_each_has_one_place():
    rng = np.random.default_rng(3)
    people = [
        Participant(id=i, topics={str(topic): int(rng.integers(1, 5)) for topic in range(6)})
        for i in range(12)
    ]
    problem = Problem(mentors=people[:6], mentees=people[6:], rules=OPEN)
    report = report_of(problem, solve(problem))
    for side in ("mentors", "mentees"):
        for place in range(6):
            for by in (1, -1):
                path = ("proof", "total", side, place)
                lie = changed(report, path, lambda value, by=by: value + by)
                lie["digest"] = _digest(lie)
                assert verify_report(lie).failures == ("The prices do not prove the total.",)


def test_an_altered_score_or_mask_is_found(report):
    rows, columns = report["scores"]["shape"]
    scores = np.frombuffer(zlib.decompress(base64.b64decode(report["scores"]["bytes"])), "<i4")
    for mentor, mentee, _ in report["pairs"]:
        for by in (1, -1):
            altered = scores.copy()
            altered[mentor * columns + mentee] += by
            packed = base64.b64encode(zlib.compress(altered.tobytes())).decode()
            assert not verify_report(
                changed(report, ("scores", "bytes"), lambda _, p=packed: p)
            ).valid
    bits = np.zeros(rows * columns, dtype=np.uint8)
    packed = base64.b64encode(zlib.compress(np.packbits(bits).tobytes())).decode()
    failures = verify_report(changed(report, ("possible", "bytes"), lambda _: packed)).failures
    assert "A pair is not allowed." in failures


BOMB = base64.b64encode(zlib.compress(bytes(10**7), 9)).decode()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        pytest.param(("format",), "another", "not a report", id="another format"),
        pytest.param(("version",), 2, "version 1", id="another version"),
        pytest.param(("aims",), None, "aims is not an object", id="no aims"),
        pytest.param(("aims", "objective"), "best", "objective must be", id="an unknown aim"),
        pytest.param(("aims", "depth"), True, "depth is missing", id="truth for a number"),
        pytest.param(("mentor_places",), "3", "mentor_places is missing", id="text for a list"),
        pytest.param(("mentor_places", 0), 2**70, "mentor_places is missing", id="a huge number"),
        pytest.param(("pairs", 0), [99, 0, 1], "somebody who is not there", id="an unknown person"),
        pytest.param(("pairs", 0), [0, 0], "pairs is missing", id="a pair without its score"),
        pytest.param(("scores", "shape"), [1, 1], "shape is missing", id="another shape"),
        pytest.param(("scores", "bytes"), "###", "bytes is missing", id="not base64"),
        pytest.param(("scores", "bytes"), "AAAA", "bytes is missing", id="not compressed"),
        pytest.param(("scores", "bytes"), BOMB, "bytes is missing", id="a bomb"),
        pytest.param(("proof",), [], "proof is not an object", id="no proof"),
        pytest.param(("proof", "levels", 0), 5, "a level is not an object", id="a broken level"),
        pytest.param(("proof", "total", "mentors"), [0.5], "mentors is missing", id="a half price"),
    ],
)
def test_what_is_no_report_is_refused_with_what_is_broken(report, path, value, message):
    with pytest.raises(MatchingInputError, match=message):
        verify_report(changed(report, path, lambda _: value))


def test_what_is_no_object_is_refused():
    with pytest.raises(MatchingInputError, match="not an object"):
        verify_report([1, 2])
