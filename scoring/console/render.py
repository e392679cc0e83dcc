"""An explained score on a terminal, in Chinese, English or both; made for 100 columns, fits 80."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from alliance.signals import PILLAR_NAMES
from scoring.console.language import Language, both
from scoring.model.scale import GRADES
from scoring.result import ContestedFact, PillarShare, Reason, Score, Withheld

_BAR = 8
_SHORT_HASH = 12
_GOOD, _BAD, _QUIET, _STRONG = "green", "red", "bright_black", "bold"
_GRADE_STYLES = dict(zip(GRADES, ["green"] * 3 + ["yellow"] * 3 + ["red"] * 3, strict=True))

_ADVICE_STYLES = {"approve": _GOOD, "refer": "yellow", "decline": _BAD}

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("信用评分", "Credit score"),
    "points": ("分数", "points"),
    "grade": ("等级", "grade"),
    "pd": ("违约概率", "PD"),
    "approve": ("建议通过", "approve"),
    "refer": ("建议人工复核", "refer"),
    "decline": ("建议拒绝", "decline"),
    "unlike": ("与训练样本不相似", "unlike those learned from"),
    "as_of": ("截至", "as of"),
    "months": ("个月内", "months ahead"),
    "pillar": ("维度", "pillar"),
    "lean": ("", ""),
    "odds": ("风险倍数", "odds"),
    "coverage": ("数据覆盖", "coverage"),
    "base": ("基准", "base"),
    "total": ("合计", "total"),
    "raises": ("提高风险的因素", "What raises the risk"),
    "lowers": ("降低风险的因素", "What lowers the risk"),
    "contested": ("存疑而未采用的信息", "Contested, and therefore not used"),
    "withheld": ("用于评分而未披露的信息", "Used for the score, and not disclosed"),
    "none": ("无", "none"),
    "model": ("模型", "model"),
    "data": ("数据水位", "data up to submission"),
}


def render(score: Score, *, company_name: str, language: Language = "both") -> RenderableType:
    """A score as a panel: verdict, pillars that add up to the points, reasons, and what model and data it rests on.

    Args:
        score: the score.
        company_name: the name people know the company by.
        language: ``zh``, ``en`` or ``both``.
    """
    words = {key: both(*pair, language) for key, pair in _WORDS.items()}
    return Panel(
        Group(
            _verdict(score, company_name, words),
            Rule(style=_QUIET),
            _pillars(score, words, language),
            Text(),
            _reasons(score.raises, Text(f"▲ {words['raises']}", style=f"bold {_BAD}"), words["none"], language),
            Text(),
            _reasons(score.lowers, Text(f"▼ {words['lowers']}", style=f"bold {_GOOD}"), words["none"], language),
            *_listed(score.contested, Text(f"? {words['contested']}", style="bold yellow"), language),
            *_listed(score.withheld, Text(f"▪ {words['withheld']}", style=f"bold {_QUIET}"), language),
        ),
        title=f"[bold]{words['title']}[/bold]",
        subtitle=Text(
            f"{words['model']} {score.model_version[:_SHORT_HASH]}  ·  {words['data']} {score.data_watermark}",
            style=_QUIET,
        ),
        border_style=_QUIET,
        padding=(1, 2),
    )


def _verdict(score: Score, company_name: str, words: dict[str, str]) -> RenderableType:
    style = _GRADE_STYLES[score.grade]
    about = Text.assemble(
        (company_name, _STRONG),
        (f"\n{score.company_id}", _QUIET),
        (f"\n{words['as_of']} {score.as_of}, {score.outcome}, {score.horizon_months} {words['months']}", _QUIET),
    )
    figures = Table.grid(padding=(0, 0, 0, 4))
    for _ in range(3):
        figures.add_column(justify="right")
    figures.add_row(*(Text(words[key], style=_QUIET) for key in ("points", "pd", "grade")))
    figures.add_row(
        Text(f"{score.points:.0f}", style=f"bold {style}"),
        Text(f"{score.pd:.2%}", style=f"bold {style}"),
        Text(f" {score.grade} ", style=f"bold reverse {style}"),
    )
    if score.pd_low is not None and score.pd_high is not None and score.advice is not None:
        interval = f"{score.pd_low:.1%}–{score.pd_high:.1%}"
        figures.add_row("", Text(interval, style=_QUIET), Text(words[score.advice], style=_ADVICE_STYLES[score.advice]))
    if score.unlike:
        about.append(f"\n{words['unlike']} ({score.out_of_place})", style="yellow")
    header = Table.grid(expand=True)
    header.add_column(ratio=1)
    header.add_column(justify="right")
    header.add_row(about, figures)
    return Group(header, Text(), _ladder(score.grade))


def _ladder(grade: str) -> Text:
    """All grades in a row, this one lit."""
    ladder = Text(justify="center")
    for step in GRADES:
        lit = f"bold reverse {_GRADE_STYLES[step]}" if step == grade else _QUIET
        ladder.append(f" {step} ", style=lit).append(" ")
    return ladder


def _pillars(score: Score, words: dict[str, str], language: Language) -> Table:
    table = Table(box=None, expand=True, padding=(0, 1), header_style=_QUIET)
    table.add_column(words["pillar"].replace(" ", "\n", 1), ratio=1)
    for key in ("points", "lean", "odds", "coverage"):
        table.add_column(words[key].replace(" ", "\n", 1), justify="right", no_wrap=True)
    widest = max((abs(share.points) for share in score.pillars), default=0.0)
    table.add_row(Text(words["base"], style=_QUIET), Text(f"{score.base_points:.1f}", style=_QUIET), "", "", "")
    for share in score.pillars:
        table.add_row(
            both(*PILLAR_NAMES[share.pillar], language),
            _signed(share.points),
            _lean(share, widest),
            f"× {share.odds_multiplier:,.2f}",
            _filled(share.coverage),
        )
    total = Text(f"{score.points:.1f}", style=_STRONG)
    table.add_row(Text(words["total"], style=_STRONG), total, "", "", _filled(score.coverage))
    return table


def _signed(points: float) -> Text:
    return Text(f"{points:+.1f}", style=_GOOD if points > 0 else _BAD if points < 0 else _QUIET)


def _lean(share: PillarShare, widest: float) -> Text:
    """A bar from the middle: left in red for points lost, right in green for points won."""
    length = round(_BAR * abs(share.points) / widest) if widest else 0
    bar, rest = "━" * length, " " * (_BAR - length)
    if share.points < 0:
        return Text.assemble(rest, (bar, _BAD), ("│", _QUIET))
    return Text.assemble(" " * _BAR, ("│", _QUIET), (bar, _GOOD))


def _filled(part: float) -> Text:
    """A share as a bar and a percentage."""
    length = round(_BAR * part)
    return Text.assemble("█" * length, ("░" * (_BAR - length), _QUIET), f" {part:4.0%}")


def _reasons(reasons: Sequence[Reason], title: Text, none: str, language: Language) -> RenderableType:
    table = Table.grid(expand=True, padding=(0, 2, 0, 0))
    table.add_column(justify="right", min_width=7)
    table.add_column(ratio=1)
    table.add_column(justify="right", style=_QUIET)
    for reason in reasons:
        table.add_row(_signed(reason.points), _worded(reason, language), PILLAR_NAMES[reason.pillar][language == "en"])
    return Group(title, Padding(table if reasons else Text(none, style=_QUIET), (0, 0, 0, 2)))


def _listed(
    told: Sequence[ContestedFact] | Sequence[Withheld], title: Text, language: Language
) -> list[RenderableType]:
    if not told:
        return []
    return [Text(), title, Padding(Text("\n").join(_worded(one, language) for one in told), (0, 0, 0, 2))]


def _worded(told: Reason | ContestedFact | Withheld, language: Language) -> Text:
    if language == "both":
        return Text.assemble(told.zh, (f"\n{told.en}", _QUIET))
    return Text(told.zh if language == "zh" else told.en)
