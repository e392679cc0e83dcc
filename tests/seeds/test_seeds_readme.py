"""The README states every parameter as it is."""

import re
from datetime import date
from pathlib import Path

from seeds import imperfections, parameters

README = Path(parameters.__file__).with_name("README.md").read_text(encoding="utf-8")


def test_every_parameter_is_stated_with_its_value() -> None:
    for name, value in vars(parameters).items():
        if name.isupper():
            shown = value.isoformat() if isinstance(value, date) else repr(value)
            assert f"| `{name}` | `{shown}` |" in README, name


def test_planted_errors_are_stated_with_their_rates() -> None:
    faults = imperfections.Imperfections()
    stated = re.findall(r"^\| [^|]+ \| (0\.00\d) \| ", README, re.MULTILINE)
    planted = [
        faults.broken_code,
        faults.bad_date,
        faults.negative,
        faults.unknown_word,
        faults.too_early,
        faults.duplicate,
    ]
    assert [float(share) for share in stated] == planted
    assert f"times {faults.inflation}" in README and f"plus {faults.recurring_lift}" in README
    assert f"resells {faults.resold} of" in README and "{} to {} days later".format(*faults.resold_after) in README
    for share in faults.name_shares:
        assert f"| {share:.2f} |" in README


def test_it_says_what_simulated_results_are() -> None:
    assert "Simulated results are no evidence about the world." in README
