"""Give the strict base of every schema, and the one door from a file to its shape."""

import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from contraflow import content

Text = Annotated[str, Field(min_length=1, pattern=r"^\S(.*\S)?$")]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
ModuleId = Annotated[str, Field(pattern=r"^M\d\d$")]
EvidenceId = Annotated[str, Field(pattern=r"^E\d\d$")]

Shape = TypeVar("Shape")


class ContentError(ValueError):
    """Report the file, the path in it and what is wrong there."""


class Strict(BaseModel):
    """Refuse unknown keys, wrong types and later changes."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def load(name: str, shape: type[Shape]) -> Shape:
    """Return the shipped file `name` in its `shape`."""
    return check(name, shape, content.read(name))


def check(name: str, shape: type[Shape], data: Any) -> Shape:
    """Return `data` in its `shape`, or raise ContentError naming each wrong path.

    The data goes through JSON because pydantic's strict mode takes a list for a tuple only there.
    """
    try:
        return TypeAdapter(shape).validate_json(json.dumps(data))
    except ValidationError as error:
        wrong = (
            f"{'.'.join(str(step) for step in each['loc']) or '(whole file)'}: {each['msg']}"
            for each in error.errors()
        )
        raise ContentError(f"{name}.yaml: {'; '.join(wrong)}") from error
