from django.urls import path

from contraflow.pairing import views

app_name = "pairing"
urlpatterns = [
    path("draft/<slug:code>/", views.draft, name="draft"),
    path("draft/<slug:code>/again/", views.again, name="again"),
    path("draft/<slug:code>/rematch/", views.rematch, name="rematch"),
    path("draft/<slug:code>/keep/", views.keep, name="keep"),
    path("draft/<slug:code>/publish/", views.publish, name="publish"),
    path("draft/<slug:code>/undo/", views.undo, name="undo"),
    path("draft/<slug:code>/swap/<slug:mentor>/", views.swap, name="swap"),
    path("draft/<slug:code>/pair/<slug:mentor>/<slug:mentee>/", views.pair, name="pair"),
    path("draft/<slug:code>/pair/<slug:mentor>/<slug:mentee>/cost/", views.cost, name="cost"),
    path("draft/<slug:code>/pair/<slug:mentor>/<slug:mentee>/decide/", views.decide, name="decide"),
    path("<slug:code>/", views.cohort, name="cohort"),
    path("<slug:code>/propose/", views.propose, name="propose"),
    path("<slug:code>/partners/", views.partners, name="partners"),
    path("<slug:code>/drafts/", views.drafts, name="drafts"),
]
