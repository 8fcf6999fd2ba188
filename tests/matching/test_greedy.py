"""The greedy pairing that the proven one is compared with."""

from contraflow.matching import Participant, Problem, Rules, greedy, solve

LOOSE = Rules(minimum_grade_gap=None, common_language=False)


def problem(**settled):
    return Problem(
        mentors=[
            Participant(id="ama", topics={"ai": 4, "video": 4}),
            Participant(id="ben", topics={"ai": 3}),
        ],
        mentees=[
            Participant(id="eve", topics={"ai": 4}),
            Participant(id="kim", topics={"video": 4}),
        ],
        rules=LOOSE,
        **settled,
    )


def total(problem, pairs):
    from contraflow.matching import explain

    return sum(explain(problem, *pair).score for pair in pairs)


def test_greedy_takes_the_best_first_and_never_beats_the_proven_total():
    free = problem(objective="total")

    pairs = greedy(free)

    assert pairs == (("ama", "eve"), ("ben", "kim"))
    assert total(free, pairs) < solve(free).score


def test_greedy_keeps_locks_and_what_is_forbidden():
    assert greedy(problem(locked=[("ben", "eve")])) == (("ben", "eve"), ("ama", "kim"))
    assert greedy(problem(forbidden=[("ama", "eve"), ("ben", "kim")])) == (
        ("ama", "kim"), ("ben", "eve"),
    )  # fmt: skip


def test_greedy_fills_places_and_leaves_the_rest_alone():
    one = Problem(
        mentors=[Participant(id="ama", capacity=2)],
        mentees=[Participant(id=name) for name in ("eve", "kim", "lin")],
        rules=LOOSE,
    )

    assert greedy(one) == (("ama", "eve"), ("ama", "kim"))


def test_greedy_of_nobody_is_nothing():
    assert greedy(Problem(mentors=[], mentees=[], rules=LOOSE)) == ()
