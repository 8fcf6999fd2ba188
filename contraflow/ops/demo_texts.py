"""What the invented people of the demonstration write to each other; sealed like real words."""

# what a leader learned from a mentor
MENTORS_TEACH = [
    "What %(topic)s is good for, and what we wrongly use it for.",
    "I did a small task with %(topic)s myself, hands on the keyboard.",
    "Why newcomers choose %(topic)s, and what our tools look like to them.",
    "Three questions to ask before I approve anything with %(topic)s in it.",
    "Where %(topic)s would save my team an hour a week.",
    "That I can say “I do not know %(topic)s” and the sky stays where it is.",
]
# what a mentor learned from a leader
LEADERS_TEACH = [
    "How the budget round really works.",
    "What the board asks first, and why.",
    "To open with the decision I need, then the story.",
    "Who to talk to before a proposal is written.",
    "How to disagree with a senior person without losing them.",
    "What “no” meant last time: not now, and show me a number.",
]
# what each side wants to reach: I will do that, seen by these, because of this
MENTORS_GOALS = [
    (
        "present our proposal to the steering group myself",
        "its minutes",
        "I want to be heard before the decision",
    ),
    (
        "ask three people two grades up before I write a plan",
        "their names in it",
        "I do not know yet how decisions come about here",
    ),
    (
        "lead one talk with a customer from start to end",
        "the colleague beside me",
        "so far I have only taken the notes",
    ),
]
LEADERS_GOALS = [
    (
        "chair our weekly meeting so that each speaks once before anyone speaks twice",
        "the tally of whoever takes notes",
        "I hear the same three voices",
    ),
    (
        "do one report with the new tools with my own hands",
        "my mentor beside me",
        "I decide about what I have never touched",
    ),
    (
        "sit with newcomers for an hour each month, without an agenda",
        "my calendar",
        "what reaches me has been smoothed four times",
    ),
]
