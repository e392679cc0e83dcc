"""Advice on a terminal, in Chinese, English or both."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from alliance.signals import PILLAR_NAMES, signal_named
from alliance.terminal import table
from scoring.advice import Help, NextData, words
from scoring.advice.advise import Advised
from scoring.advice.search import Proposal
from scoring.console.language import Language, both

_HELP_COLUMNS = (
    ("方案", "way"), ("怎么做", "what to do"), ("月数", "months"), ("代价", "cost"), ("违约概率", "PD"),
    ("等级", "grade"),
)  # fmt: skip
_DATA_COLUMNS = (
    ("信息", "signal"), ("维度", "pillar"), ("已有", "known"), ("可减误差", "narrows PD by"), ("费用", "cost"),
    ("天数", "days"), ("如何取得", "how to obtain it"),
)  # fmt: skip
_NUMBERS = ("way", "months", "cost", "PD", "narrows PD by", "days")


def render_help(found: Help, *, company_name: str, language: Language = "both") -> Iterator[RenderableType]:
    """What would help, as a table and the words around it."""
    aim = f" → {found.target}" if found.target else ""
    title = both("怎样才能改善", "What would help", language)
    listing = _table(f"{title}  {_about(found, company_name)}{aim}", _HELP_COLUMNS, language)
    shown = found.proposals or ((found.best,) if found.best else ())
    for number, proposal in enumerate(shown, 1):
        _add(listing, number, proposal, language)
    if not found.target:
        yield both(*words.AT_BEST, language)
        return
    if not found.proposals:
        yield both(*(words.OUT_OF_REACH if found.best else words.NOTHING_HELPS), language)
    if shown:
        yield listing
    if found.withheld:
        names = [both(change.zh, change.en, language) for change in found.withheld]
        yield f"{both(*words.LEFT_OUT, language)} {'; '.join(names)}"
    yield both(*words.NO_PROMISE, language)


def render_next_data(found: NextData, *, company_name: str, language: Language = "both") -> Iterator[RenderableType]:
    """Which signals to obtain, as a table and the words around it."""
    if not found.signals:
        yield both(*words.NOTHING_MISSING, language)
        return
    title = both("下一步最值得取得的信息", "Next best data", language)
    listing = _table(f"{title}  {_about(found, company_name)}", _DATA_COLUMNS, language)
    for one in found.signals:
        signal, how = signal_named(one.signal), one.obtaining
        known = both("部分", "in part", language) if one.in_part else both("无", "none", language)
        narrows = "" if one.narrows is None else f"{one.narrows:.2%}"
        listing.add_row(both(signal.zh, signal.en, language), both(*PILLAR_NAMES[signal.pillar], language), known,
                        narrows, f"{how.cost:g}", str(how.days), both(how.zh, how.en, language))  # fmt: skip
    yield listing
    yield both(*words.IF_THERE, language)


def _about(found: Advised, company_name: str) -> str:
    return f"{company_name}  {found.as_of}  {found.pd:.2%} {found.grade}"


def _table(title: str, columns: tuple[tuple[str, str], ...], language: Language) -> Table:
    heads = [both(zh, en, language) for zh, en in columns]
    right = tuple(head for head, (_, en) in zip(heads, columns, strict=True) if en in _NUMBERS)
    return table(title, *heads, right=right)


def _add(listing: Table, number: int, proposal: Proposal, language: Language) -> None:
    doing = "\n".join(both(*words.move_words(move), language) for move in proposal.moves)
    pd = "" if proposal.pd is None else f"{proposal.pd:.2%}"
    listing.add_row(str(number), doing, str(proposal.months), f"{proposal.cost:g}", pd, proposal.grade)
