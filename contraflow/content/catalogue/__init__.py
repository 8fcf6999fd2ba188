"""Offer the topics that people choose from: the templates' themes, then skills from ESCO."""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from contraflow.content.schema import load_templates


@dataclass(frozen=True, kw_only=True)
class CatalogueTopic:
    """Hold one topic; `key` is unique and stays when the label is reworded."""

    key: str
    # template, digcomp, transversal or digital
    source: str
    label: str
    # a readable theme: the template's title, or the broader concept of ESCO
    group: str
    # words to search by, beside the label
    alt: str
    description: str


def catalogue_topics() -> Iterator[CatalogueTopic]:
    """Yield every shipped topic, the templates' themes first."""
    for template in load_templates():
        for theme in template.themes:
            yield CatalogueTopic(
                key=f"template:{template.key}/{theme.key}",
                source="template",
                label=theme.name,
                group=template.title,
                alt="",
                description=theme.about,
            )
    packed = resources.files(__name__).joinpath("esco.csv.gz").read_bytes()
    text = io.StringIO(gzip.decompress(packed).decode(), newline="")
    for row in csv.DictReader(text):
        yield CatalogueTopic(**row)
