from django.urls import path

from contraflow.desk import views

app_name = "desk"
urlpatterns = [
    path("programme/<slug:code>/", views.desk, name="desk"),
    path("cohort/<slug:code>/", views.cohort, name="cohort"),
    path("pair/<slug:code>/", views.pair, name="pair"),
    path("pair/<slug:code>/write/<slug:kind>/", views.write, name="write"),
    path("pair/<slug:code>/talked/", views.talked, name="talked"),
    path("pair/<slug:code>/aside/", views.aside, name="aside"),
    path("pair/<slug:code>/taken-up/", views.taken_up, name="taken-up"),
    path("pair/<slug:code>/handed-over/", views.handed_over, name="handed-over"),
    path("step/<slug:code>/undone/", views.undone, name="undone"),
]
