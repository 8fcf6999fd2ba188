"""What must hold before the first request is served; each error says how to mend it."""

from django.core.checks import Error, register
from django.urls import URLPattern, get_resolver


def every_view(resolver, prefix=""):
    """Yield (route, view) for each URL, however deeply included."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        else:
            yield from every_view(entry, route)


@register()
def every_view_names_its_policy(app_configs, **kwargs):
    """Refuse to start while a view says not who may open it."""
    return [
        Error(
            f"/{route} has no access policy.",
            hint="Decorate the view with @access or @public.",
            id="contraflow.E001",
        )
        for route, view in every_view(get_resolver())
        if not hasattr(view, "policy")
    ]
