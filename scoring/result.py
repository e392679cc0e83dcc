"""A score and everything needed to understand it. Plain values: no model, no frames."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from typing import Any, Self, TypeVar

from alliance.signals import Pillar


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a score is what it is: one feature, its value and what it did.

    Attributes:
        feature: name of the feature.
        pillar: pillar the feature belongs to.
        value: the feature's value in its unit; ``None`` when unknown.
        points: points won (positive) or lost (negative) against the base.
        zh, en: the feature and its value in words.
        disclosure: how much of the value is told (``alliance.rights.Disclosure``): of what is ``banded`` the words tell
            the band; below that only pillar, direction and whole points are, and ``feature`` is empty.
    """

    feature: str
    pillar: Pillar
    value: float | None
    points: float
    zh: str
    en: str
    disclosure: str = "raw"


@dataclass(frozen=True, kw_only=True)
class PillarShare:
    """What one pillar did to a score.

    Attributes:
        pillar: the pillar.
        log_odds: its part of the log-odds of default; positive raises the risk.
        odds_multiplier: exp(log_odds), by which it multiplies the odds of default.
        points: points won (positive) or lost (negative).
        coverage: share of the pillar's features that are known, 0 to 1.
    """

    pillar: Pillar
    log_odds: float
    odds_multiplier: float
    points: float
    coverage: float


@dataclass(frozen=True, kw_only=True)
class ContestedFact:
    """A fact on which members contradict each other without a majority; what they contest is used as unknown, or, where
    the field's declaration says so, as the weightier of them have it.

    Attributes:
        signal, key: the fact.
        fields: what is contested of it.
        zh, en: the same in words.
    """

    signal: str
    key: str
    fields: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """Values a score rests on that its receiver may not see as they are.

    Attributes:
        signal, fields: whose.
        disclosure: how much of them may be seen (``alliance.rights.Disclosure``).
        grants: ids of the grants that let the score use them.
        zh, en: the same in words.
    """

    signal: str
    fields: tuple[str, ...]
    disclosure: str
    grants: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Score:
    """The credit score of one company as of a day.

    ``base_log_odds`` and the pillars' log-odds add up to ``log_odds``; ``base_points`` and the pillars' points to
    ``points``; both within 1e-9.

    Attributes:
        company_id: the company.
        as_of: the day whose knowledge was used.
        outcome, horizon_months: what is predicted, and within how many months of ``as_of``.
        pd: probability of the outcome, 0 to 1.
        pd_low, pd_high: interval around it, for the mean PD of companies scored alike; ``None`` if none is told.
        log_odds, base_log_odds: log-odds of the outcome, and where they start before anything is known of the company.
        points, base_points: the same on the score scale, unrounded; more is safer.
        grade: grade on the master scale.
        pillars: what each pillar did, in the order of ``Pillar``.
        raises: the features that raise the risk most, worst first; at most four.
        lowers: the features that lower it most, best first; at most four.
        coverage: share of all features that are known, 0 to 1.
        unlike: whether the company is unlike those the model learned from; ``None`` if the model does not tell.
        out_of_place: number of features out of the range of those, or unknown though always known of them; or ``None``.
        advice: ``approve``, ``refer`` or ``decline``, by PD and likeness; people decide; or ``None``.
        contested: facts, of the company or its sector, of which something is contested and therefore not used.
        withheld: what the score rests on and does not tell (``scoring.disclosed``).
        model_version: SHA-256 of the bundle, hexadecimal.
        data_watermark: number of the last submission seen.
    """

    company_id: str
    as_of: date
    outcome: str
    horizon_months: int
    pd: float
    pd_low: float | None = None
    pd_high: float | None = None
    log_odds: float
    base_log_odds: float
    points: float
    base_points: float
    grade: str
    pillars: tuple[PillarShare, ...]
    raises: tuple[Reason, ...]
    lowers: tuple[Reason, ...]
    coverage: float
    unlike: bool | None = None
    out_of_place: int | None = None
    advice: str | None = None
    contested: tuple[ContestedFact, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    model_version: str
    data_watermark: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, keys in the order of the attributes, floats unrounded."""
        return {
            **vars(self),
            "as_of": self.as_of.isoformat(),
            "pillars": [{**vars(share), "pillar": share.pillar.value} for share in self.pillars],
            "raises": [{**vars(reason), "pillar": reason.pillar.value} for reason in self.raises],
            "lowers": [{**vars(reason), "pillar": reason.pillar.value} for reason in self.lowers],
            "contested": [{**vars(fact), "fields": list(fact.fields)} for fact in self.contested],
            "withheld": [{**vars(o), "fields": list(o.fields), "grants": list(o.grants)} for o in self.withheld],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """The score that ``as_dict`` wrote, also after a way through JSON; equal to the bit.

        Names that are not a score's (the API adds the pillars' words, say) are passed over. What an earlier version did
        not write has the value it has where nothing is told.
        """
        return cls(
            **{
                **_own(cls, plain),
                "as_of": date.fromisoformat(plain["as_of"]),
                "pillars": tuple(_part(PillarShare, share) for share in plain["pillars"]),
                "raises": tuple(_part(Reason, reason) for reason in plain["raises"]),
                "lowers": tuple(_part(Reason, reason) for reason in plain["lowers"]),
                "contested": tuple(_contested(fact) for fact in plain["contested"]),
                "withheld": tuple(_withheld(one) for one in plain["withheld"]),
            }
        )


Part = TypeVar("Part", PillarShare, Reason)


def _part(kind: type[Part], plain: Mapping[str, Any]) -> Part:
    return kind(**{**_own(kind, plain), "pillar": Pillar(plain["pillar"])})


def _contested(plain: Mapping[str, Any]) -> ContestedFact:
    return ContestedFact(**{**_own(ContestedFact, plain), "fields": tuple(plain["fields"])})


def _withheld(plain: Mapping[str, Any]) -> Withheld:
    lists = {"fields": tuple(plain["fields"]), "grants": tuple(plain["grants"])}
    return Withheld(**{**_own(Withheld, plain), **lists})


def _own(kind: type, plain: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name: plain[one.name] for one in fields(kind) if one.name in plain or one.default is MISSING}
