"""How well the alliance knows the company: who confirms what is told of it, what is contested, how old the news is.

All of them are of all facts of the company, whatever their signal. None may help a company by being missing: stale,
unconfirmed or contested facts never lower the risk.
"""

from functools import partial

import polars as pl

from alliance.signals import PILLAR_NAMES, Pillar
from scoring.features.declaration import ALL_FACTS, Direction, Feature, Rows, Unit
from scoring.features.expressions import basis_points, mean_share, number_of, share_of

EVIDENCE_ROWS: Rows = {
    "agreement_points": basis_points("agreement"),
    "known_age": (pl.col("as_of") - pl.col("known_at")).dt.total_days(),
}
CONFIRMED = pl.col("members") > 1

_evidence = partial(Feature, signal=ALL_FACTS)


def _freshest(pillar: Pillar) -> Feature:
    zh, en = PILLAR_NAMES[pillar]
    age = pl.when(pl.col("pillar") == pillar.value).then(pl.col("known_age")).min()
    return _evidence(name=f"{pillar.value}_freshest", pillar=pillar, expr=age, unit=Unit.DAYS,
                     direction=Direction.RAISES_RISK,
                     zh=f"距最近一次获知{zh}信息的天数", en=f"days since the last news of {en}")  # fmt: skip


EVIDENCE: tuple[Feature, ...] = (
    _evidence(name="evidence_confirmed_share", pillar=Pillar.COMPANY, expr=share_of(CONFIRMED), unit=Unit.SHARE,
              direction=Direction.LOWERS_RISK,
              zh="由两家以上独立成员共同佐证的事实占比", en="share of facts that independent members confirm"),
    _evidence(name="evidence_agreement", pillar=Pillar.COMPANY, expr=mean_share("agreement_points", CONFIRMED),
              unit=Unit.SHARE, direction=Direction.LOWERS_RISK,
              zh="成员对共同佐证事实的平均一致度", en="mean agreement of members on facts they share"),
    _evidence(name="evidence_contested", pillar=Pillar.COMPANY, expr=number_of(pl.col("contested") > 0),
              unit=Unit.COUNT, direction=Direction.RAISES_RISK,
              zh="成员说法不一、存疑的事实数", en="facts that members contest"),
    *map(_freshest, Pillar),
)  # fmt: skip
