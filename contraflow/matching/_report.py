"""A pairing and its proof as plain data: numbers for people, scores and a mask for all else.

Whoever gets such a report can check it with `verify_report` (or `contraflow verify`) and nothing
else: no person, topic, wish or rule is in it, and where two people are not possible neither
the reason nor their score.

The form, as JSON has it: lists of whole numbers, and for the two matrices an object
``{"shape": [n, m], "bytes": "<base64 of zlib>"}``, row by row; scores are little-endian 32-bit
whole numbers, the mask of possible pairs is packed to bits, the first pair in the highest.
"""

import base64
import binascii
import hashlib
import json
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from contraflow.matching._arrays import Ints, Mask
from contraflow.matching._checker import Claim, check
from contraflow.matching._errors import MatchingInputError
from contraflow.matching._instance import Certificate, Level, Prices
from contraflow.matching._pairing import Diagnosis, Pairing
from contraflow.matching._problem import Problem, as_aims
from contraflow.matching._verify import Verdict, claim_of

FORMAT = "contraflow pairing"
VERSION = 1
# More people on one side than anybody pairs; a report that says so is broken.
_MOST_PEOPLE = 1_000_000
_T = TypeVar("_T")


def report_of(problem: Problem, pairing: Pairing) -> dict[str, Any]:
    """Return a pairing with its proof as plain data that JSON can hold.

    People are numbers: the place of a mentor or mentee in the problem, from 0. Scores are
    micro-points; those of pairs that are not possible are left out (0).

    Examples
    --------
    >>> from contraflow.matching import Participant, Problem, Rules, solve
    >>> problem = Problem(
    ...     mentors=[Participant(id="ama", topics={"ai": 4})],
    ...     mentees=[Participant(id="eve", topics={"ai": 2})],
    ...     rules=Rules(minimum_grade_gap=None, common_language=False),
    ... )
    >>> report = report_of(problem, solve(problem))
    >>> report["pairs"], verify_report(report).valid
    ([[0, 0, 725000]], True)
    """
    claim, proof = claim_of(problem), pairing.certificate
    report = {
        "format": FORMAT,
        "version": VERSION,
        "full_fit": 1_000_000,
        "aims": vars(claim.aims),
        "mentor_places": claim.mentors.tolist(),
        "mentee_places": claim.mentees.tolist(),
        "scores": _packed(np.where(claim.possible, claim.units, 0).astype("<i4")),
        "possible": _packed(np.packbits(claim.possible), claim.possible.shape),
        "locked": np.argwhere(claim.locked).tolist(),
        "status": pairing.status,
        "score": int(pairing.score),
        "pairs": [
            [*pair, score]
            for pair, score in zip(
                pairing.pairs.tolist(), pairing.pair_scores.tolist(), strict=True
            )
        ],
        "proof": {
            "most": _prices(proof.most),
            "first_mentors": proof.first_mentors and _prices(proof.first_mentors),
            "first_mentees": proof.first_mentees and _prices(proof.first_mentees),
            "levels": [
                {
                    "score": level.score,
                    "pairs": level.pairs,
                    "higher": _prices(level.higher),
                    "fewer": level.fewer and _prices(level.fewer),
                }
                for level in proof.levels
            ],
            "total": _prices(proof.total),
            "bonus": proof.bonus,
            "first_bonus": proof.first_bonus,
            "loss": proof.loss,
        },
    }
    return {**report, "digest": _digest(report)}


def verify_report(report: object) -> Verdict:
    """Check a report of `report_of`: the pairs, the figures and every proof.

    Raises
    ------
    MatchingInputError
        If it is no such report; the message names what is missing or broken.
    """
    reader = _Reader(report, "The report")
    if reader.get("format", str) != FORMAT or reader.get("version", int) != VERSION:
        raise MatchingInputError(f"This is not a report of {FORMAT!r}, version {VERSION}.")
    started = time.perf_counter()
    mentors, mentees = reader.numbers("mentor_places"), reader.numbers("mentee_places")
    shape = (len(mentors), len(mentees))
    scores, possible = _scores(reader, shape), _possible(reader, shape)
    locked = np.zeros(shape, dtype=np.bool_)
    for row, column in reader.table("locked", 2, shape):
        locked[row, column] = True
    aims = reader.part("aims")
    claim = Claim(
        scores,
        scores,
        possible | locked,
        locked,
        mentors,
        mentees,
        as_aims(
            aims.get("objective", str), aims.get("depth", int), aims.get("one_each_first", bool)
        ),
    )
    pairs = reader.table("pairs", 3, shape)
    chosen = np.zeros(shape, dtype=np.bool_)
    for row, column, _ in pairs:
        chosen[row, column] = True
    pairing = Pairing(
        status=reader.get("status", str),
        pairs=np.array([pair[:2] for pair in pairs], dtype=np.int64).reshape(-1, 2),
        pair_scores=np.array([pair[2] for pair in pairs], dtype=np.int64),
        score=reader.get("score", int),
        bound=reader.get("score", int),
        gap=0.0,
        unmatched_mentors=np.flatnonzero(~chosen.any(axis=1) & (mentors > 0)),
        unmatched_mentees=np.flatnonzero(~chosen.any(axis=0) & (mentees > 0)),
        diagnosis=Diagnosis(
            mentor_places=int(mentors.sum()),
            mentee_places=int(mentees.sum()),
            blocked={},
            unplaced=(),
            helps=(),
        ),
        certificate=_certificate(reader.part("proof"), shape),
        seconds=time.perf_counter() - started,
    )
    failures = check(claim, pairing)
    if reader.get("digest", str) != _digest(reader.data):
        failures.append("The report was changed after it was written.")
    return Verdict(tuple(failures))


def _digest(report: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a report without its digest: it finds damage, the proof finds lies."""
    rest = {name: value for name, value in report.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _packed(values: np.ndarray[Any, Any], shape: Sequence[int] | None = None) -> dict[str, Any]:
    data = base64.b64encode(zlib.compress(values.tobytes(), 9)).decode("ascii")
    return {"shape": list(values.shape if shape is None else shape), "bytes": data}


def _prices(prices: Prices) -> dict[str, list[int]]:
    return {"mentors": prices.mentors.tolist(), "mentees": prices.mentees.tolist()}


class _Reader:
    """Read fields of plain data, and say which one is missing or broken."""

    def __init__(self, data: object, where: str):
        if not isinstance(data, Mapping):
            raise MatchingInputError(f"{where} is not an object with named fields.")
        self.data = data
        self.where = where

    def get(self, name: str, kind: type[_T]) -> _T:
        value = self.data.get(name)
        # True is a whole number to Python, and to nobody else
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.broken(name)
        return value

    def part(self, name: str) -> "_Reader":
        return _Reader(self.data.get(name), f"{self.where}: {name}")

    def optional(self, name: str, read: Callable[["_Reader"], _T]) -> _T | None:
        return None if self.data.get(name) is None else read(self.part(name))

    def broken(self, name: str) -> MatchingInputError:
        return MatchingInputError(f"{self.where}: {name} is missing or broken.")

    def numbers(self, name: str) -> Ints:
        values = self.get(name, list)
        if len(values) > _MOST_PEOPLE or any(type(each) is not int for each in values):
            raise self.broken(name)
        if any(abs(each) >= 2**62 for each in values):
            raise self.broken(name)
        return np.array(values, dtype=np.int64)

    def table(self, name: str, width: int, shape: tuple[int, int]) -> list[list[int]]:
        rows = self.get(name, list)
        for row in rows:
            if not isinstance(row, list) or len(row) != width:
                raise self.broken(name)
            if any(type(each) is not int or abs(each) >= 2**62 for each in row):
                raise self.broken(name)
            if not (0 <= row[0] < shape[0] and 0 <= row[1] < shape[1]):
                raise MatchingInputError(f"{self.where}: {name} has somebody who is not there.")
        return rows

    def unpacked(self, shape: tuple[int, int], size: int) -> bytes:
        if self.get("shape", list) != list(shape):
            raise self.broken("shape")
        inflate = zlib.decompressobj()
        try:
            packed = base64.b64decode(self.get("bytes", str), validate=True)
            # one byte more than there may be, so that a bomb is seen and never unpacked
            data = inflate.decompress(packed, size + 1)
        except (binascii.Error, zlib.error) as error:
            raise self.broken("bytes") from error
        if len(data) != size:
            raise self.broken("bytes")
        return data


def _scores(reader: _Reader, shape: tuple[int, int]) -> Ints:
    data = reader.part("scores").unpacked(shape, 4 * shape[0] * shape[1])
    return np.frombuffer(data, dtype="<i4").reshape(shape).astype(np.int64)


def _possible(reader: _Reader, shape: tuple[int, int]) -> Mask:
    count = shape[0] * shape[1]
    data = reader.part("possible").unpacked(shape, (count + 7) // 8)
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=count)
    return bits.reshape(shape).astype(np.bool_)


def _certificate(reader: _Reader, shape: tuple[int, int]) -> Certificate:
    def prices(part: _Reader) -> Prices:
        return Prices(part.numbers("mentors"), part.numbers("mentees"))

    def level(data: object) -> Level:
        part = _Reader(data, f"{reader.where}: a level")
        return Level(
            part.get("score", int),
            part.get("pairs", int),
            prices(part.part("higher")),
            part.optional("fewer", prices),
        )

    return Certificate(
        prices(reader.part("most")),
        reader.optional("first_mentors", prices),
        reader.optional("first_mentees", prices),
        tuple(level(each) for each in reader.get("levels", list)),
        prices(reader.part("total")),
        reader.get("bonus", int),
        reader.get("first_bonus", int),
        reader.get("loss", int),
    )
