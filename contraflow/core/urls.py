from django.urls import path

from contraflow.core import views

app_name = "core"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("jobs/<slug:code>/", views.job, name="job"),
    path("jobs/<slug:code>/cancel/", views.job_cancel, name="job-cancel"),
    path("brand/<slug:mark>.png", views.logo, name="logo"),
    path("brand/<slug:colour>.css", views.accent, name="accent"),
    path("gallery/", views.gallery, name="gallery"),
]
