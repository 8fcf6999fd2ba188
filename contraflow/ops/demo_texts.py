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
# what a leader asks ahead of a session
QUESTIONS = ["What would you stop doing first, if it were your department?"]
# what somebody sets themself to try: when it begins, and what they do then
PLANS = {
    "mentee": [
        ("on Monday I open the weekly report", "I ask a tool for three objections to it first"),
        ("somebody says that we have always done it so", "I ask since when, and who decided it"),
        ("I chair the next planning round", "I let the youngest in the room speak first"),
        ("a vendor shows me a demonstration", "I ask to try it myself, on my own data"),
    ],
    "mentor": [
        ("I write to the board's office", "I put the decision I need into the first line"),
        ("I am interrupted in a meeting", "I finish my sentence once, calmly"),
        ("the budget round begins", "I ask my manager where our part is decided"),
        ("I disagree with somebody senior", "I ask one question before I say why"),
    ],
}
# what becomes of it
OUTCOMES = ["done", "done", "done", "changed", "dropped"]
# who tells a story, who may hear it, whether the other one agreed, and the story
STORIES = [
    (
        "mentee", "with_name", True,
        "I sent a mail at eleven at night and wrote below it that nobody need answer. My mentor "
        "showed me what that line does: everybody answers. I write my mails when I like, and send "
        "them at eight.",
    ),
    (
        "mentor", "with_name", True,
        "I had a slide with forty numbers. She asked which one I would fight for. I knew it at "
        "once, and it was not on the slide. The next deck had one page, and the decision came in "
        "ten minutes.",
    ),
    (
        "mentee", "without_name", True,
        "I approved a tool for two hundred people that I had never opened. We opened it together. "
        "After a quarter of an hour I understood every complaint that I had called resistance.",
    ),
    (
        "mentor", "without_name", False,
        "In my second week somebody took me for the intern and asked for coffee. I brought it, and "
        "then gave the talk he had come for. I have never told that at work.",
    ),
    (
        "mentee", "ours", False,
        "I learned to program on a machine with sixteen kilobytes, and I have been ashamed for "
        "years of how little of today's tools I know. Saying it here was easier than I thought.",
    ),
    (
        "mentor", "with_name", True,
        "We swapped calendars for a day, each in the other's meetings. I saw how few of his were "
        "his own choice. He saw how often I wait for an answer from somebody like him.",
    ),
]  # fmt: skip
# a message of the lead to those who have not met yet
MESSAGE = (
    "A first date before the month ends",
    "You have a partner, and no first conversation yet. Half an hour is enough, and nobody needs "
    "to prepare anything:\n\n- Your pair's page proposes hours that suit you both.\n- If the time "
    "is bad, pause there; nobody asks why.\n\nIf something else stands in the way, write to me.",
)
# a lead's note to themself about a pair that was put aside
ASIDE = "Both asked for time until the quarter is closed; look again then."
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
