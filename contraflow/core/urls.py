from django.urls import path

from contraflow.core import views

app_name = "core"
urlpatterns = [path("gallery/", views.gallery, name="gallery")]
