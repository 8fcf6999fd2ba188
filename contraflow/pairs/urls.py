from django.urls import path

from contraflow.pairs import views

app_name = "pairs"
urlpatterns = [
    path("cohort/<slug:code>/", views.pair_list, name="list"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/address/", views.feed_make, name="feed-make"),
    path("calendar/address/revoked/", views.feed_revoke, name="feed-revoke"),
    path("feed/<str:secret>.ics", views.feed, name="feed"),
    path("session/<slug:code>/", views.session, name="session"),
    path("session/<slug:code>/date/", views.session_book, name="session-book"),
    path("session/<slug:code>/date/check/", views.session_check, name="session-check"),
    path("session/<slug:code>/date/moved/", views.session_move, name="session-move"),
    path("session/<slug:code>/date/cancelled/", views.session_cancel, name="session-cancel"),
    path("session/<slug:code>/held/", views.session_held, name="session-held"),
    path("session/<slug:code>/missed/", views.session_missed, name="session-missed"),
    path("session/<slug:code>/undone/", views.session_undo, name="session-undo"),
    path("session/<slug:code>/learned/", views.session_learned, name="session-learned"),
    path("session/<slug:code>/question/", views.session_question, name="session-question"),
    path("session/<slug:code>/topic/", views.session_topic, name="session-topic"),
    path("session/<slug:code>/run/", views.session_run, name="session-run"),
    path("commitment/<slug:code>/", views.commitment_review, name="commitment-review"),
    path("session/<slug:code>/session.ics", views.session_file, name="session-file"),
    path("<slug:code>/", views.pair, name="pair"),
    path("<slug:code>/ended/", views.pair_end, name="pair-end"),
]
