from django.urls import path

from contraflow.pairs.views import calendars, pairs, sessions, stories

app_name = "pairs"
urlpatterns = [
    path("cohort/<slug:code>/", pairs.pair_list, name="list"),
    path("cohort/<slug:code>/stories/", stories.story_list, name="stories"),
    path("story/<slug:code>/", stories.story_decide, name="story-decide"),
    path("calendar/", calendars.calendar, name="calendar"),
    path("calendar/address/", calendars.feed_make, name="feed-make"),
    path("calendar/address/revoked/", calendars.feed_revoke, name="feed-revoke"),
    path("feed/<str:secret>.ics", calendars.feed, name="feed"),
    path("session/<slug:code>/", sessions.session, name="session"),
    path("session/<slug:code>/date/", sessions.session_book, name="session-book"),
    path("session/<slug:code>/date/check/", sessions.session_check, name="session-check"),
    path("session/<slug:code>/date/moved/", sessions.session_move, name="session-move"),
    path("session/<slug:code>/date/cancelled/", sessions.session_cancel, name="session-cancel"),
    path("session/<slug:code>/held/", sessions.session_held, name="session-held"),
    path("session/<slug:code>/missed/", sessions.session_missed, name="session-missed"),
    path("session/<slug:code>/undone/", sessions.session_undo, name="session-undo"),
    path("session/<slug:code>/learned/", sessions.session_learned, name="session-learned"),
    path("session/<slug:code>/question/", sessions.session_question, name="session-question"),
    path("session/<slug:code>/topic/", sessions.session_topic, name="session-topic"),
    path("session/<slug:code>/run/", sessions.session_run, name="session-run"),
    path("commitment/<slug:code>/", sessions.commitment_review, name="commitment-review"),
    path("session/<slug:code>/session.ics", calendars.session_file, name="session-file"),
    path("<slug:code>/", pairs.pair, name="pair"),
    path("<slug:code>/stories/", stories.story_tell, name="story-tell"),
    path("<slug:code>/ended/", pairs.pair_end, name="pair-end"),
]
