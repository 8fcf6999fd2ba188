"""Shape what is measured: instruments for people, and the health rule for pairs."""

from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from contraflow.content.schema.base import Count, Key, Share, Strict, Text, load

Items = Annotated[tuple[Text, ...], Field(min_length=1)]
Points = Annotated[int, Field(ge=0, le=100)]


class Scale(Strict):
    """Hold the items of one scale; `rev` items count backwards."""

    plus: Items
    rev: Items
    alpha: Share | None = None

    @property
    def items(self) -> tuple[str, ...]:
        """Return every item, the straight ones first."""
        return self.plus + self.rev


class MiniIpip(Strict):
    """Hold the Mini-IPIP (Donnellan 2006, public domain), four items a trait."""

    extraversion: Scale
    agreeableness: Scale
    conscientiousness: Scale
    neuroticism: Scale
    intellect: Scale
    order: Text


class IpipVia(Strict):
    """Hold the IPIP-VIA-R short scales (public domain)."""

    curiosity: Scale
    love_of_learning: Scale
    leadership: Scale
    humility: Scale
    bravery: Scale


class Fevs(Strict):
    """Hold items of the United States federal employee survey (public domain)."""

    inclusion: Items
    experience: Items


class StayItem(Strict):
    """Ask the one question about staying."""

    q: Text
    options: Items


class Csps(Strict):
    """Hold items of the UK Civil Service People Survey (OGL v3)."""

    engagement: Items
    stay: StayItem


class OwnPulse(Strict):
    """Hold the project's own items: free to use, not validated, and labelled so."""

    after_session_3_items: Items
    pair_safety: Items
    relationship: Items
    mentor_upward_confidence: Items
    mentor_impact: Items
    leader_readiness: Items
    mentor_readiness: Items
    ai_self_rating: Items
    age_climate: Items


class DigComp22(Strict):
    """Name the 21 competences of DigComp 2.2 (CC BY 4.0) by area."""

    information_and_data_literacy: Items
    communication_and_collaboration: Items
    digital_content_creation: Items
    safety: Items
    problem_solving: Items


class Instruments(Strict):
    """Hold every instrument whose items may ship."""

    mini_ipip: MiniIpip
    ipip_via_r: IpipVia
    feeling_heard_scale: Scale
    fevs: Fevs
    csps: Csps
    own_pulse: OwnPulse
    digcomp_2_2: DigComp22
    digcomp_3_0_areas: Items

    def __contains__(self, key: str) -> bool:
        """Tell whether `key`, as in `fevs.inclusion`, names an instrument or a scale of one."""
        found: object = self
        for step in key.split("."):
            if step not in getattr(type(found), "model_fields", {}):
                return False
            found = getattr(found, step)
        return True


class ProcessSignal(Strict):
    """Give points for one process fact, by how far it has gone."""

    id: Annotated[str, Field(pattern=r"^P\d$")]
    signal: Text
    steps: dict[Key | Annotated[str, Field(pattern=r"^\d+_days$")], Points]


class Bands(Strict):
    """Divide the 0 to 100 points into four bands, both ends included."""

    steady: tuple[Points, Points]
    watch: tuple[Points, Points]
    support: tuple[Points, Points]
    act: tuple[Points, Points]


class CompassRule(Strict):
    """Offer choices to the author of an answer, and to nobody else."""

    condition: Annotated[Text, Field(alias="if")]
    show_to: Literal["mentor_only", "leader_only", "self_only"]
    offer: tuple[Text, ...]


class OnSchedule(Strict):
    """Hold what every pair gets on a date, whatever its answers."""

    mid_way: Text


class PairHealth(Strict):
    """Hold the open rule on process facts and the private compass."""

    process_score: tuple[ProcessSignal, ...]
    bands: Bands
    pause_rule: Text
    private_compass: tuple[CompassRule, ...]
    never: tuple[Key, ...]
    cover_contact: Text
    overrides: tuple[Key, ...]
    on_schedule_for_every_pair: OnSchedule


class BandAction(Strict):
    """Say who does what, and by when, for one band."""

    who: Literal["system", "programme_lead"]
    within_days: Count
    do: Text | None = None
    choose: tuple[Key, ...] = ()


class FacilitatedConversation(Strict):
    """Lay out a talk with a third person."""

    minutes: Count
    steps: Items


class Rematch(Strict):
    """Set the terms of a new pairing."""

    rule: Text
    offer_within_working_days: Count
    cooling_off_days: Count
    max: Count


class GracefulClose(Strict):
    """Lay out an ending without fault."""

    steps: Items
    wording: Text


class HealthActions(Strict):
    """Hold what follows each band."""

    watch: BandAction
    support: BandAction
    act: BandAction
    facilitated_conversation: FacilitatedConversation
    rematch: Rematch
    graceful_close: GracefulClose


class Calibration(Strict):
    """Say when and how the bands are checked against what happened."""

    start_when: Text
    report: tuple[Text, ...]
    keep_band_if: Text
    review: Key
    fairness: Text


class Health(Strict):
    """Hold the health rule, its actions and its calibration."""

    health: PairHealth
    actions: HealthActions
    calibration: Calibration


@cache
def load_instruments() -> Instruments:
    """Return every instrument that ships."""
    return load("instruments", Instruments)


@cache
def load_health() -> Health:
    """Return the health rule of pairs."""
    return load("health", Health)
