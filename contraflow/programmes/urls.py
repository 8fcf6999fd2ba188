from django.urls import path

from contraflow.programmes.views import enrolments

app_name = "programmes"
urlpatterns = [
    path("enrolments/<slug:code>/", enrolments.enrolment, name="enrolment"),
    path("enrolments/<slug:code>/answer/", enrolments.answer, name="answer"),
    path("enrolments/<slug:code>/leave/", enrolments.leave, name="leave"),
    path("enrolments/<slug:code>/place/", enrolments.place, name="place"),
]
