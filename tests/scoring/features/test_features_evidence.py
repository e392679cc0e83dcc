"""How well a company is known: who confirms it, what is contested, how old the news is."""

import pytest

NAMES = ("evidence_confirmed_share", "evidence_agreement", "evidence_contested", "venture_freshest", "team_freshest")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, (None, None, None, None, None)),
        ({"cash_position": [{"ago": 90, "known": 30}]}, (0.0, None, 0.0, 30.0, None)),
        (
            {"cash_position": [{"ago": 90, "members": 2, "agreement": 1.0, "known": 60}, {"ago": 5}],
             "headcount": [{"ago": 12, "members": 3, "agreement": 0.5, "contested": 2}]},
            (2 / 3, 0.75, 1.0, 5.0, 12.0),
        ),
        # The sector's climate is no fact of the company.
        ({"market_signal": [{"of": "software", "members": 2}]}, (None, None, None, None, None)),
    ],
)  # fmt: skip
def test_evidence(values_of, facts, expected):
    assert tuple(values_of(NAMES, **facts).values()) == pytest.approx(expected)
