from django.urls import path

from contraflow.ops import views

app_name = "ops"
urlpatterns = [
    path("demo/sign-in/<slug:role>/", views.sign_in_as, name="sign-in-as"),
    path("demo/video/<slug:code>/", views.video_room, name="video-room"),
]
