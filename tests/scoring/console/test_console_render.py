import io
import math
from dataclasses import replace
from datetime import date

import pytest
from rich.cells import cell_len
from rich.console import Console

from alliance.signals import Pillar
from scoring.console import Language, render
from scoring.model import GRADES
from scoring.result import ContestedFact, PillarShare, Reason, Score


def share(pillar: Pillar, points: float, coverage: float) -> PillarShare:
    log_odds = -points * math.log(2) / 20
    return PillarShare(
        pillar=pillar, log_odds=log_odds, odds_multiplier=math.exp(log_odds), points=points, coverage=coverage
    )


SCORE = Score(
    company_id="C00017",
    as_of=date(2026, 6, 30),
    outcome="default",
    horizon_months=12,
    pd=0.0312,
    log_odds=-3.43,
    base_log_odds=-3.0,
    points=586.2,
    base_points=573.7,
    grade="BB",
    pillars=(
        share(Pillar.TECHNOLOGY, 20.0, 0.75),
        share(Pillar.VENTURE, -7.5, 1.0),
        share(Pillar.ENVIRONMENT, 0.0, 0.0),
    ),
    raises=(
        Reason(
            feature="round_lateness", pillar=Pillar.VENTURE, value=2.5, points=-7.5,
            zh="距上一轮融资的时间与平均间隔之比：2.5",
            en="Time since the last funding round to the usual gap [months]: 2.5",
        ),
    ),
    lowers=(),
    coverage=0.6,
    contested=(
        ContestedFact(
            signal="cash_position", key="2026-Q1", fields=("cash",),
            zh="现金状况（2026-Q1）：现金余额，各成员说法不一，按未知处理",
            en="Cash position (2026-Q1): cash; members contradict each other, used as unknown",
        ),
    ),
    model_version="0123456789abcdef" * 4,
    data_watermark=1234,
)  # fmt: skip


def shown(score: Score, language: Language, width: int = 100, name: str = "深圳星环微电子有限公司") -> str:
    console = Console(width=width, force_terminal=False, record=True, file=io.StringIO())
    console.print(render(score, company_name=name, language=language))
    return console.export_text()


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_shows_the_verdict_and_what_it_rests_on(language: Language) -> None:
    text = shown(SCORE, language)
    for part in ("深圳星环微电子有限公司", "C00017", "2026-06-30", "586", "3.12%", "0123456789ab", "1234", "12"):
        assert part in text
    for part in ("573.7", "+20.0", "-7.5", "586.2", "× 0.50", "× 1.30", "75%", "100%", "60%"):
        assert part in text


def test_tells_how_sure_it_is() -> None:
    sure = replace(SCORE, pd_low=0.021, pd_high=0.0444, unlike=False, out_of_place=1, advice="refer")
    for language, word in (("zh", "建议人工复核"), ("en", "refer"), ("both", "建议人工复核 refer")):
        text = shown(sure, language)
        assert "2.1%–4.4%" in text and word in text and "unlike" not in text and "不相似" not in text
    strange = shown(replace(sure, unlike=True, out_of_place=9), "zh")
    assert "与训练样本不相似 (9)" in strange
    assert "–" not in shown(SCORE, "zh")


def test_speaks_the_language_asked_for() -> None:
    zh, en, both = (shown(SCORE, language) for language in ("zh", "en", "both"))
    assert "距上一轮融资" in zh and "Time since" not in zh and "提高风险的因素" in zh and "pillar" not in zh
    assert "存疑而未采用" in zh and "2026-Q1" in zh and "contradict" not in zh and "contradict" in en
    assert "Time since" in en and "距上一轮融资" not in en and "What raises the risk" in en and "维度" not in en
    for part in ("距上一轮融资", "Time since", "提高风险的因素 What raises the risk"):
        assert part in both


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_the_frame_is_straight_with_wide_characters(language: Language, width: int) -> None:
    lines = shown(SCORE, language, width).splitlines()
    assert {cell_len(line) for line in lines} == {width}
    assert all(line[0] + line[-1] in ("││", "╭╮", "╰╯") for line in lines)


@pytest.mark.parametrize("grade", GRADES)
def test_every_grade_can_be_shown(grade: str) -> None:
    assert shown(replace(SCORE, grade=grade), "both").count(f" {grade} ") >= 2


def test_a_side_without_reasons_says_so() -> None:
    assert "none" in shown(SCORE, "en")
    assert "无" in shown(SCORE, "zh")


def test_names_are_not_read_as_markup() -> None:
    assert "[bold]Acme[/x] Ltd" in shown(SCORE, "en", name="[bold]Acme[/x] Ltd")
    assert "[months]" in shown(SCORE, "en")
