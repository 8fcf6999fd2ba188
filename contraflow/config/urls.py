"""Where each room's pages stand."""

from django.urls import include, path

urlpatterns = [
    path("", include("contraflow.home.urls")),
    path("", include("contraflow.core.urls")),
    path("", include("contraflow.ops.urls")),
    path("people/", include("contraflow.people.urls")),
    path("programmes/", include("contraflow.programmes.urls")),
    path("training/", include("contraflow.training.urls")),
    path("pairing/", include("contraflow.pairing.urls")),
    path("pairs/", include("contraflow.pairs.urls")),
    path("exchange/", include("contraflow.exchange.urls")),
    path("readiness/", include("contraflow.readiness.urls")),
    path("desk/", include("contraflow.desk.urls")),
]
