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
