from django.urls import path

from contraflow.home import views

app_name = "home"
urlpatterns = [
    path("", views.today, name="today"),
    path("search/", views.search, name="search"),
    path("who-looked/", views.looks, name="looks"),
    path("overview/<slug:code>/", views.overview, name="overview"),
    path("sponsor/<slug:code>/", views.sponsor, name="sponsor"),
]
