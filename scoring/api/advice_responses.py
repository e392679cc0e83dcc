"""What callers get as advice on a decision."""

from datetime import date
from typing import Any, Self

from pydantic import BaseModel, Field

from alliance.signals import PILLAR_NAMES, Pillar, signal_named
from scoring import advice
from scoring.advice import search, words
from scoring.advice.advise import Advised
from scoring.advice.changes import Change
from scoring.advice.next_data import NextDatum


class Words(BaseModel):
    """The same in both languages."""

    zh: str = Field(description="In Chinese.")
    en: str = Field(description="In English.")

    @classmethod
    def of(cls, pair: tuple[str, str]) -> Self:
        return cls(zh=pair[0], en=pair[1])


class Move(BaseModel):
    """One change of a proposal."""

    change: str = Field(description="Name of the change.", examples=["burn_less"])
    feature: str = Field(description="The feature it moves; others follow.", examples=["cash_burn"])
    before: float = Field(description="The feature's value today.")
    after: float = Field(description="The value that was scored.")
    words: Words = Field(description="What to do, with both values.")

    @classmethod
    def of(cls, move: search.Move) -> Self:
        return cls(
            change=move.change.name, feature=move.change.feature, before=move.before, after=move.after,
            words=Words.of(words.move_words(move)),
        )  # fmt: skip


class Proposal(BaseModel):
    """Changes made together, and the score with them."""

    moves: list[Move] = Field(description="What is changed.")
    cost: float = Field(description="Of all of it; relative, in no currency.", examples=[4.0])
    months: int = Field(description="Until all of it is done and seen in the data.", examples=[6])
    pd: float | None = Field(description="PD with it; null where values of the company are withheld.")
    points: float | None = Field(description="Points with it; null likewise.")
    grade: str = Field(description="Grade with it.", examples=["BBB"])

    @classmethod
    def of(cls, proposal: search.Proposal) -> Self:
        told = {name: getattr(proposal, name) for name in ("cost", "months", "pd", "points", "grade")}
        return cls(moves=[Move.of(move) for move in proposal.moves], **told)


class ChangeNamed(BaseModel):
    """A change that was looked at, or left out."""

    change: str = Field(description="Its name.", examples=["burn_less"])
    words: Words = Field(description="What it is to do.")

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(change=change.name, words=Words(zh=change.zh, en=change.en))


class About(BaseModel):
    """The decision that advice is on."""

    decision_id: str = Field(description="The decision.")
    company_id: str = Field(description="The company.")
    as_of: date = Field(description="The day whose knowledge is used.")
    pd: float = Field(description="PD of its facts, read by the rights of now.")
    grade: str = Field(description="Its grade.")
    exact: bool = Field(description="Whether nothing of the company is withheld, so that all numbers are told.")


class WhatWouldHelp(About):
    """The cheapest changes to the next better grade."""

    target: str = Field(description="The next better grade; empty where there is none.", examples=["BBB"])
    proposals: list[Proposal] = Field(description="What reaches it, cheapest first; they differ in what is changed.")
    best: Proposal | None = Field(
        description="Where nothing reaches it, what lowers the PD most; null if nothing does."
    )
    considered: list[ChangeNamed] = Field(description="The changes that could be made.")
    withheld: list[ChangeNamed] = Field(description="Changes left out, for what they rest on is not disclosed.")
    words: Words = Field(description="What this is, and what it is not.")

    @classmethod
    def of(cls, found: advice.Help) -> Self:
        return cls(
            **_about(found),
            target=found.target,
            proposals=[Proposal.of(one) for one in found.proposals],
            best=None if found.best is None else Proposal.of(found.best),
            considered=[ChangeNamed.of(one) for one in found.considered],
            withheld=[ChangeNamed.of(one) for one in found.withheld],
            words=Words.of(words.NO_PROMISE),
        )


class Signal(BaseModel):
    """A signal worth obtaining."""

    signal: str = Field(description="Its name.", examples=["cash_position"])
    pillar: Pillar = Field(description="The pillar it belongs to.")
    pillar_words: Words = Field(description="The pillar's name.")
    words: Words = Field(description="The signal's name.")
    in_part: bool = Field(description="Whether something of it is known already.")
    unknown: int = Field(description="Features of the model that it would make known.")
    narrows: float | None = Field(
        description="By how much less wrong the PD is expected to be with it; null where values are withheld."
    )
    cost: float = Field(description="Of obtaining it; relative, in no currency.", examples=[2.0])
    days: int = Field(description="Until it is there.", examples=[5])
    how: Words = Field(description="How to obtain it.")

    @classmethod
    def of(cls, datum: NextDatum) -> Self:
        signal, how = signal_named(datum.signal), datum.obtaining
        return cls(
            signal=signal.name, pillar=signal.pillar, pillar_words=Words.of(PILLAR_NAMES[signal.pillar]),
            words=Words(zh=signal.zh, en=signal.en), in_part=datum.in_part, unknown=datum.unknown,
            narrows=datum.narrows, cost=how.cost, days=how.days, how=Words(zh=how.zh, en=how.en),
        )  # fmt: skip


class NextData(About):
    """Which signals to obtain next."""

    signals: list[Signal] = Field(description="Most worth by cost first.")
    words: Words = Field(description="What this is, and what it is not.")

    @classmethod
    def of(cls, found: advice.NextData) -> Self:
        return cls(
            **_about(found), signals=[Signal.of(one) for one in found.signals], words=Words.of(words.IF_THERE)
        )  # fmt: skip


def _about(found: Advised) -> dict[str, Any]:
    return {name: getattr(found, name) for name in About.model_fields}
