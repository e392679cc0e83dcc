"""A score as its receiver may see it: computed from all that may be used, telling no more than may be shown.

The score itself, the pillars and the direction of every reason are told. A value is told as its band, or not at all,
as the lowest rung of what it is made of allows (``alliance.rights.ladder``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from alliance.corroboration import Contested
from alliance.rights import Disclosure, Held, banded
from alliance.rights.held import lowest
from alliance.rights.ladder import DISCLOSURE_NAMES
from alliance.signals import PILLAR_NAMES, Field, FieldType, Pillar, signal_named
from scoring.features.catalogue import feature_named
from scoring.features.declaration import Feature, Unit
from scoring.features.groups import GROUPS_BY_NAME
from scoring.features.sources import sources
from scoring.model.reasons import contested_fact, told, unit_words
from scoring.result import ContestedFact, Reason, Score, Withheld

FIELD_TYPES: Mapping[Unit, FieldType] = {
    Unit.CNY: FieldType.MONEY,
    **dict.fromkeys((Unit.COUNT, Unit.DAYS, Unit.MONTHS, Unit.YEARS, Unit.PEOPLE), FieldType.INTEGER),
    **dict.fromkeys((Unit.SHARE, Unit.RATIO, Unit.LEVEL), FieldType.NUMBER),
}
"""Bands of features are those of fields of a like type; a flag has none."""

_SOMETHING = {
    True: ("未披露的因素提高了风险", "something not disclosed raises the risk"),
    False: ("未披露的因素降低了风险", "something not disclosed lowers the risk"),
}


def disclosed(score: Score, held: Mapping[str, Held]) -> Score:
    """A score told as far as its receiver may see.

    Args:
        score: as computed.
        held: by ``signal.field`` what is held below raw of the company and its sector; a score of which nothing is
            stays as it is.
    """
    if not held:
        return score
    return replace(
        score,
        raises=_told(score.raises, held),
        lowers=_told(score.lowers, held),
        contested=tuple(dict.fromkeys(_contested(fact, held) for fact in score.contested)),
        withheld=_withheld(held),
    )


def rung_of(feature: Feature, held: Mapping[str, Held]) -> Held:
    """How far a feature's value may be seen: the lowest rung of what it is made of; raw if nothing of it is held."""
    several = [held[name] for name in sorted(sources(feature)) if name in held]
    return lowest(several) if several else Held(Disclosure.RAW, ())


def _told(reasons: Sequence[Reason], held: Mapping[str, Held]) -> tuple[Reason, ...]:
    """Reasons in their order, those of one pillar that may not be told made one, where the first of them stood."""
    kept: dict[str, Reason] = {}
    for reason in reasons:
        seen = _seen(reason, held)
        if seen.feature:
            kept[seen.feature] = seen
        else:
            before = kept.get(seen.pillar)
            kept[seen.pillar] = seen if before is None else replace(before, points=before.points + seen.points)
    return tuple(kept.values())


def _seen(reason: Reason, held: Mapping[str, Held]) -> Reason:
    """A reason as far as the least of what its named features are made of may be seen.

    Where that is a band, the leading feature's is told, and the others are not named: a reason keeps no value of them.
    """
    feature = feature_named(reason.feature)
    named = (feature, *map(feature_named, reason.also))
    rung = min(rung_of(one, held).rung for one in named)
    if rung is Disclosure.RAW:
        return reason
    if rung is Disclosure.BANDED and (band := _banded(feature, reason.value)):
        zh, en = told([(feature.zh, band[0])], [(feature.en, band[1])], GROUPS_BY_NAME.get(reason.group))
        return replace(reason, value=None, also=(), disclosure=rung.code, zh=zh, en=en)
    return _of_pillar(reason.pillar, reason.points, rung)


def _of_pillar(pillar: Pillar, points: float, rung: Disclosure) -> Reason:
    """A reason that names the pillar and the direction alone; its points are whole, since exact ones tell more."""
    (zh, en), (what_zh, what_en) = PILLAR_NAMES[pillar], _SOMETHING[points < 0]
    return Reason(
        feature="", pillar=pillar, value=None, points=float(round(points)), disclosure=rung.code,
        zh=f"{zh}：{what_zh}", en=f"{en[:1].upper()}{en[1:]}: {what_en}",
    )  # fmt: skip


def _banded(feature: Feature, value: float | None) -> tuple[str, str] | None:
    """The band of a feature's value with its unit, in Chinese and English; ``None`` where it has none."""
    kind = FIELD_TYPES.get(feature.unit)
    if kind is None or value is None:
        return None
    whole = kind in (FieldType.INTEGER, FieldType.MONEY)
    size = 100 * value if feature.unit is Unit.SHARE else value
    field = Field(name=feature.name, type=kind, zh="", en="", minimum=0 if value >= 0 else None)
    band = banded(field, round(size) if whole else size)
    return None if band is None else unit_words(feature.unit, band)


def _contested(fact: ContestedFact, held: Mapping[str, Held]) -> ContestedFact:
    """A contested fact; without its key where what the key is made of may not be seen."""
    signal = signal_named(fact.signal)
    if not any(f"{signal.name}.{part.field}" in held for part in signal.key):
        return fact
    return contested_fact(Contested(fact.signal, "", fact.fields))


def _withheld(held: Mapping[str, Held]) -> tuple[Withheld, ...]:
    """What is held back, by signal, rung and grants, in the order of names."""
    alike: dict[tuple[str, Held], list[str]] = {}
    for name in sorted(held):
        signal, _, field = name.partition(".")
        alike.setdefault((signal, held[name]), []).append(field)
    return tuple(_words(signal, of, tuple(fields)) for (signal, of), fields in alike.items())


@lru_cache(maxsize=1_000)  # alike for most companies
def _words(signal: str, held: Held, fields: tuple[str, ...]) -> Withheld:
    declared, (zh, en) = signal_named(signal), DISCLOSURE_NAMES[held.rung]
    named = [declared.field(name) for name in fields]
    return Withheld(
        signal=signal,
        fields=tuple(field.name for field in named),
        disclosure=held.rung.code,
        grants=held.grants,
        zh=f"{declared.zh}（{'、'.join(field.zh for field in named)}）：{zh}",
        en=f"{declared.en[:1].upper()}{declared.en[1:]} ({', '.join(field.en for field in named)}): {en}",
    )
