"""What nobody gains by: needs or claims left out, hours left out."""

from hypothesis import given
from hypothesis import strategies as st

from contraflow.matching import Participant, Problem, explain
from contraflow.matching._fit import covered_levels

TOPICS = st.sampled_from(["ai", "video", "python", "media", "climate"])
LEVELS = st.dictionaries(TOPICS, st.integers(0, 4))
HOURS = st.frozensets(st.integers(0, 23), max_size=12)


def fit(mentor, mentee):
    ama, bela = Participant(id="ama", **mentor), Participant(id="bela", **mentee)
    return explain(Problem(mentors=[ama], mentees=[bela]), "ama", "bela").score


@given(known=LEVELS, wanted=LEVELS, omitted=st.frozensets(TOPICS), less=LEVELS)
def test_needs_left_out_or_lowered_never_raise_the_raw_score(known, wanted, omitted, less):
    ama = Participant(id="ama", topics=known)
    fewer = {topic: level for topic, level in wanted.items() if topic not in omitted}
    lower = {topic: min(level, less.get(topic, 0)) for topic, level in wanted.items()}

    honest = covered_levels(ama, Participant(id="bela", topics=wanted))

    assert covered_levels(ama, Participant(id="bela", topics=fewer)) <= honest
    assert covered_levels(ama, Participant(id="bela", topics=lower)) <= honest


@given(known=LEVELS, wanted=LEVELS, less=LEVELS, closed=st.frozensets(TOPICS))
def test_a_mentor_who_leaves_out_lowers_or_closes_topics_raises_no_fit(known, wanted, less, closed):
    stated = {topic: min(level, less.get(topic, 0)) for topic, level in known.items()}

    honest = fit({"topics": known}, {"topics": wanted})

    assert fit({"topics": stated}, {"topics": wanted}) <= honest
    assert fit({"topics": known, "closed_topics": closed}, {"topics": wanted}) <= honest


@given(ours=HOURS, theirs=HOURS.filter(bool), left_out=HOURS)
def test_hours_left_out_raise_no_fit_while_some_are_left(ours, theirs, left_out):
    stated = ours - left_out

    if stated:
        assert fit({"hours": stated}, {"hours": theirs}) <= fit({"hours": ours}, {"hours": theirs})
        assert fit({"hours": theirs}, {"hours": stated}) <= fit({"hours": theirs}, {"hours": ours})
