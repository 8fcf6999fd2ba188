from django.urls import path

from contraflow.desk.views import desk, launch, messages, sponsors

app_name = "desk"
urlpatterns = [
    path("programme/<slug:code>/", desk.desk, name="desk"),
    path("cohort/<slug:code>/", desk.cohort, name="cohort"),
    path("pair/<slug:code>/", desk.pair, name="pair"),
    path("pair/<slug:code>/write/<slug:kind>/", desk.write, name="write"),
    path("pair/<slug:code>/talked/", desk.talked, name="talked"),
    path("pair/<slug:code>/aside/", desk.aside, name="aside"),
    path("pair/<slug:code>/taken-up/", desk.taken_up, name="taken-up"),
    path("pair/<slug:code>/handed-over/", desk.handed_over, name="handed-over"),
    path("cohort/<slug:code>/messages/", messages.messages, name="messages"),
    path("cohort/<slug:code>/launch/", launch.checklist, name="launch"),
    path("programme/<slug:code>/handed-over/", launch.hand_over, name="hand-over"),
    path("message/<slug:code>/", messages.message, name="message"),
    path("step/<slug:code>/undone/", desk.undone, name="undone"),
    path("part/<slug:code>/", sponsors.part, name="part"),
    path("part/<slug:code>/learner/", sponsors.learner, name="learner"),
    path("part/<slug:code>/personal-word/", sponsors.personal_word, name="personal-word"),
    path("part/<slug:code>/reminder/", sponsors.remind, name="remind"),
    path("cohort/<slug:code>/words/<slug:kind>/", sponsors.speech, name="speech"),
    path("words/<slug:code>/undone/", sponsors.speech_undone, name="speech-undone"),
]
