"""The catalogue of topics in the database: what ships, and what the organisation adds."""

import re

from contraflow.content.catalogue import catalogue_topics
from contraflow.programmes.models import Topic

_FIELDS = ["source", "label", "theme", "description", "search_text"]


def search_text(*words: str) -> str:
    """Return words as the search box compares them: lower case, single spaces, one at each end.

    >>> search_text("Use AI-tools", "machine learning | ML")
    ' use ai tools machine learning ml '
    """
    found = re.findall(r"\w+", " ".join(words).casefold())
    return f" {' '.join(found)} "


def load_catalogue() -> int:
    """Bring the shipped topics into the database, as often as one likes; return how many."""
    topics = [
        Topic(
            key=each.key,
            source=each.source,
            label=each.label,
            theme=each.group,
            description=each.description,
            search_text=search_text(each.label, each.alt),
        )
        for each in catalogue_topics()
    ]
    Topic.objects.bulk_create(
        topics, update_conflicts=True, unique_fields=["key"], update_fields=_FIELDS, batch_size=500
    )
    return len(topics)


def own_topic(label: str, theme: str = "") -> tuple[Topic, bool]:
    """Find or make a topic of this organisation by its name, whatever its case and spaces."""
    return Topic.objects.get_or_create(
        # not a slug, in which C, C# and C++ would be one topic
        key=f"own:{' '.join(label.casefold().split())}"[:120],
        defaults={
            "source": Topic.Source.OWN,
            "label": label[:200],
            "theme": theme[:120],
            "search_text": search_text(label, theme),
        },
    )
