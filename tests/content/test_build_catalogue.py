"""The tool that rebuilds the catalogue, on a small folder in ESCO's form."""

import csv
import gzip

import pytest

from tools import build_catalogue as tool

AREA, SKILL, OTHER = (f"http://data.europa.eu/esco/skill/{name}" for name in ("area", "s1", "s2"))
GROUP, RARE = (f"http://data.europa.eu/esco/skill/{name}" for name in ("group", "rare"))


def skill(uri, label, broader, *, alt="", text="What it is.", status="released"):
    return {
        "conceptUri": uri,
        "preferredLabel": label,
        "status": status,
        "altLabels": alt,
        "description": text,
        "broaderConceptUri": " | ".join(broader),
        "broaderConceptPT": " | ".join(f"the {uri.rsplit('/', 1)[1]} of ict" for uri in broader),
    }


@pytest.fixture
def folder(tmp_path):
    """Write three collections and a hierarchy, one of them compressed."""

    def write(name, rows):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    levels = {f"Level {n} {part}": "" for n in range(4) for part in ("URI", "preferred term")}
    hierarchy = [
        levels | {"Level 0 URI": uri, "Level 0 preferred term": uri} for uri in (GROUP, RARE)
    ]
    write("skillsHierarchy_en.csv", hierarchy)
    area = skill(AREA, "digital  area", [RARE])
    shared = skill(SKILL, "share things ", [RARE, AREA])
    write("digCompSkillsCollection_en.csv", [area, shared])
    write("transversalSkillsCollection_en.csv", [shared, skill("x/plan", "plan ", [GROUP])])
    write(
        "digitalSkillsCollection_en.csv",
        [
            skill("x/a", "iOS", [RARE, GROUP, OTHER]),
            skill("x/b", "use ict", [GROUP], alt="using ict | ICT gear | use ICT gear"),
            skill("x/c", "Use ICT", [GROUP]),
            skill("x/d", " ", [GROUP]),
            skill("x/e", "gone", [GROUP], status="obsolete"),
            skill("x/f", "lonely", [OTHER]),
        ],
    )
    plain = tmp_path / "digitalSkillsCollection_en.csv"
    (tmp_path / f"{plain.name}.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    return tmp_path


def test_a_folder_becomes_clean_topics_each_once(folder):
    rows = tool.catalogue(folder)

    assert [(r["key"], r["source"], r["label"], r["group"], r["alt"]) for r in rows] == [
        ("area", "digcomp", "Digital area", "Digital area", ""),
        ("s1", "digcomp", "Share things", "The area of ICT", ""),
        ("plan", "transversal", "Plan", "The group of ICT", ""),
        ("a", "digital", "iOS", "The group of ICT", ""),
        ("b", "digital", "Use ICT", "The group of ICT", "ICT gear"),
        ("f", "digital", "Lonely", "The s2 of ICT", ""),
    ]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("physics", "physics"),
        ("computing not elsewhere classified", "further computing"),
        ("trades not further defined", "further trades"),
    ],
)
def test_what_is_left_over_in_a_classification_is_named_for_people(name, read):
    assert tool.group_name(GROUP, name) == read


def test_the_same_files_make_the_same_bytes(folder):
    once, again = (tool.packed(tool.catalogue(folder)) for _ in range(2))

    assert once == again
    assert gzip.decompress(once).startswith(b"key,source,label,group,alt,description\narea,")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("One. Two.", "One.", id="two sentences"),
        pytest.param("Tools, e.g. Excel. More.", "Tools, e.g. Excel.", id="an abbreviation"),
        pytest.param("One\nline", "One line", id="no full stop"),
        pytest.param("Version 2.0 runs. Yes.", "Version 2.0 runs.", id="a number with a point"),
        pytest.param("long " * 60, "long " * 47 + "long …", id="very long"),
    ],
)
def test_a_description_is_one_sentence(text, first):
    assert tool.first_sentence(text) == first
