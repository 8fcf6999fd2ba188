"""Build the topic catalogue that ships from the files of the European skills classification.

    python tools/build_catalogue.py FOLDER

FOLDER holds the English CSV files of ESCO (plain or .gz), from https://esco.ec.europa.eu under
"Download", with these names: digCompSkillsCollection_en.csv, transversalSkillsCollection_en.csv,
digitalSkillsCollection_en.csv, skillsHierarchy_en.csv. The result replaces
contraflow/content/catalogue/esco.csv.gz, byte for byte the same from the same files.
"""

import argparse
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

Row = dict[str, str]

TARGET = Path(__file__).parent.parent / "contraflow/content/catalogue/esco.csv.gz"
COLUMNS = ["key", "source", "label", "group", "alt", "description"]
# a skill that stands in two collections belongs to the first of them
COLLECTIONS = {
    "digcomp": "digCompSkillsCollection_en.csv",
    "transversal": "transversalSkillsCollection_en.csv",
    "digital": "digitalSkillsCollection_en.csv",
}
ALT_CHARACTERS = 160
DESCRIPTION_CHARACTERS = 240
# words that begin most of ESCO's alternatives and help nobody to find anything
FILLER = frozenset(
    ["a", "able", "an", "and", "for", "in", "make", "making", "of"]
    + ["on", "or", "the", "to", "use", "using", "utilise", "with"]
)
# long enough to tell words apart, short enough to join "operate" and "operating"
STEM_CHARACTERS = 6
# ESCO v1.1.1 files "test hardware" and its like under a group of the building trade
RENAMED = {
    "http://data.europa.eu/esco/skill/6d0cad66-82dd-4854-a03a-68232942c68d": (
        "testing systems and equipment"
    ),
}
# what is left over in a classification is no name of a group
LEFT_OVER = re.compile(r"(.+) not (?:elsewhere classified|further defined)")
ABBREVIATION = re.compile(r"(?:\be\.g|\bi\.e|\betc|\bvs|\bincl|\bNo)\.$")


def catalogue(folder: Path) -> list[Row]:
    """Return the rows of the catalogue, by collection, group and label."""
    groups = _skill_groups(folder)
    keys: set[str] = set()
    rows = []
    for source, file in COLLECTIONS.items():
        labels: set[str] = set()
        for row in _rows_of(source, read(folder, file), groups):
            if row["key"] not in keys and row["label"].casefold() not in labels:
                keys.add(row["key"])
                labels.add(row["label"].casefold())
                rows.append(row)
    order = list(COLLECTIONS)
    return sorted(
        rows,
        key=lambda row: (order.index(row["source"]), row["group"], row["label"].casefold()),
    )


def _rows_of(source: str, skills: list[Row], groups: dict[str, str]) -> Iterator[Row]:
    """Yield a catalogue row for each released skill that has a label."""
    own = {skill["conceptUri"] for skill in skills}
    members = Counter(uri for skill in skills for uri in split(skill["broaderConceptUri"]))
    for skill in skills:
        label = sentence_case(skill["preferredLabel"])
        if not label or skill["status"] != "released":
            continue
        broader = dict(
            zip(
                split(skill["broaderConceptUri"]),
                split(skill["broaderConceptPT"]),
                strict=True,
            )
        )
        if source == "digcomp":
            # the five areas of DigComp are skills of the collection; each is its own group
            areas = [name for uri, name in broader.items() if uri in own]
            group = areas[0] if areas else label
        else:
            # the most used group, so that the list has few and large themes
            known = [uri for uri in broader if uri in groups]
            most_used = max(known or broader, key=lambda uri: members[uri])
            group = group_name(most_used, broader[most_used])
        yield {
            "key": skill["conceptUri"].rsplit("/", 1)[1],
            "source": source,
            "label": label,
            "group": sentence_case(group),
            "alt": search_words(label, split(skill["altLabels"])),
            "description": first_sentence(skill["description"]),
        }


def _skill_groups(folder: Path) -> dict[str, str]:
    """Return the address and name of every group of the skills hierarchy."""
    return {
        row[f"Level {level} URI"]: row[f"Level {level} preferred term"]
        for row in read(folder, "skillsHierarchy_en.csv")
        for level in range(4)
        if row[f"Level {level} URI"]
    }


def group_name(uri: str, name: str) -> str:
    """Return the name of a group as people read it."""
    return RENAMED.get(uri) or LEFT_OVER.sub(r"further \1", name)


def split(field: str) -> list[str]:
    """Return the parts of a field, which ESCO divides by bars or line ends."""
    return [part.strip() for part in re.split(r"\||\n", field) if part.strip()]


def sentence_case(label: str) -> str:
    """Return the label with one space between words, a capital in front, and ICT as a name.

    A first word with a capital inside, such as iOS, stays as it is.
    """
    words = re.sub(r"\bict\b", "ICT", " ".join(label.split()))
    first = words.split(" ", 1)[0]
    return words[:1].upper() + words[1:] if first.islower() else words


def search_words(label: str, alternatives: list[str]) -> str:
    """Return the alternative labels that add a word not yet there, up to a short length."""
    known = _stems(label)
    kept: list[str] = []
    for alternative in alternatives:
        phrase = " ".join(alternative.split())
        new = _stems(phrase) - known
        if new and len("; ".join([*kept, phrase])) <= ALT_CHARACTERS:
            kept.append(phrase)
            known |= new
    return "; ".join(kept)


def _stems(text: str) -> set[str]:
    words = re.findall(r"[\w+#.-]+", text.casefold())
    return {word[:STEM_CHARACTERS] for word in words if word not in FILLER}


def first_sentence(text: str) -> str:
    """Return the first sentence, cut at a word with an ellipsis where it is very long."""
    words = " ".join(text.split())
    for end in re.finditer(r"[.!?](?=\s+[A-Z])", words):
        if not ABBREVIATION.search(words[: end.end()]):
            words = words[: end.end()]
            break
    if len(words) <= DESCRIPTION_CHARACTERS:
        return words
    return words[:DESCRIPTION_CHARACTERS].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def read(folder: Path, name: str) -> list[Row]:
    """Return the rows of a CSV file that may be compressed."""
    plain = folder / name
    content = (
        plain.read_bytes()
        if plain.exists()
        else gzip.decompress((folder / f"{name}.gz").read_bytes())
    )
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def packed(rows: list[Row]) -> bytes:
    """Return the rows as compressed CSV without a time stamp."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0)


def main() -> None:
    """Write the catalogue from the folder named on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    rows = catalogue(parser.parse_args().folder)
    TARGET.write_bytes(packed(rows))
    for source, count in Counter(row["source"] for row in rows).items():
        print(f"{source}: {count} topics")  # noqa: T201 -- a command line tool speaks


if __name__ == "__main__":
    main()
