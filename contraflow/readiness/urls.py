from django.urls import path

from contraflow.readiness import views

app_name = "readiness"
urlpatterns = [
    path("doubts/", views.doubts, name="doubts"),
    path("suggestions/", views.suggestions, name="suggestions"),
    path("<slug:role>/", views.check, name="check"),
]
