"""How much is known of a company, by pillar."""

from collections.abc import Callable

import pytest

from alliance.corroboration.facts import Facts
from alliance.signals import Pillar
from scoring.features import coverage, feature_frame, feature_named

Make = Callable[..., Facts]


def test_nothing_known_is_zero_in_every_pillar(make_facts: Make) -> None:
    assert coverage(feature_frame(make_facts())) == dict.fromkeys(Pillar, 0.0)


def test_the_share_counts_known_features_of_the_pillar(make_facts: Make) -> None:
    features = [feature_named(name) for name in ("cash_balance", "cash_burn", "round_count", "round_post_money",
                                                 "statement_revenue")]  # fmt: skip
    facts = make_facts(cash_position=[{"cash": 5}], funding_round=[{"stage": "seed"}])
    row = feature_frame(facts, features)
    assert coverage(row, features) == {Pillar.VENTURE: 0.5, Pillar.FINANCIAL: 0.0}


def test_zero_is_known(make_facts: Make) -> None:
    feature = feature_named("patents_filed_12m")
    facts = make_facts(patent=[{"ago": 900}])
    assert coverage(feature_frame(facts, [feature]), [feature]) == {Pillar.TECHNOLOGY: 1.0}


@pytest.mark.parametrize("companies", [(), ("c1", "c2")])
def test_it_is_of_one_company(make_facts: Make, companies: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="one company"):
        coverage(feature_frame(make_facts(companies)))
