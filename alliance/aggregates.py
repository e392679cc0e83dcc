"""Figures over a cohort of companies, for members who may not see the companies' values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from alliance.corroboration import Facts, corroborate
from alliance.errors import InvalidInput, Refused
from alliance.rights import AccessRequest, Disclosure
from alliance.rights.cohort import MEASURED, Contribution, Figures, contributions, figures, objection
from alliance.rights.held import RungsOf
from alliance.rights.words import REASON_WORDS
from alliance.signals import Field, Subject, signal_named
from alliance.signals.claims import Claims
from alliance.store import Store
from alliance.store.aggregates import Answer, answered, insert_answer
from alliance.store.refusals import Refused as Refusal
from alliance.view import View

PROFILE = "company_profile"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked.

    Attributes:
        field: ``signal.field`` of a number, a share, a count or an amount.
        cohort: fields of the company profile and the value each is to have; none for all companies.
        as_of: the day whose knowledge is used; of each company the latest fact that fills the field counts.
    """

    field: str
    cohort: Mapping[str, str]
    as_of: date


def aggregate(store: Store, request: AccessRequest, question: Question) -> Figures:
    """Figures over the companies of a cohort, of values that may be seen in aggregates at least; kept that it was told.

    Raises:
        InvalidInput: field or cohort cannot be used.
        NotFound: there is no such signal.
        Refused: nothing may be read, or the figures would give a company's value away; recorded.
    """
    signal, field = _field(question)
    view = View(store, request)
    access, companies = view.decide(None), store.company_ids()
    claims, _ = view.claims(access, Disclosure.AGGREGATE, companies, question.as_of)
    voices = store.reliabilities(claims.watermark).voices(question.as_of)
    facts = corroborate(claims, companies, question.as_of, voices)
    cohort = _contributions(facts, claims, RungsOf(claims, access), question)
    with store.writing() as connection:
        against = objection(cohort, answered(connection, question.field), store.policy.rights.k)
        if against is None:
            told = Answer(
                store.clock(), request.member, request.purpose, question.field, question.as_of, contributions(cohort),
                access.grants,
            )  # fmt: skip
            insert_answer(connection, told)
    if against is not None:
        store.record_refusal(
            Refusal(store.clock(), request.member, request.purpose, request.right, len(cohort), (against,), ())
        )
        raise Refused(
            f"No figures of {question.field} are told of this cohort: {REASON_WORDS[against][1]}.",
            remedy=f"Ask about other companies, at least {store.policy.rights.k}.",
            reasons=against.value,
        )
    return figures(signal_named(signal).field(field), cohort)


def cohort_of(limits: Iterable[str]) -> dict[str, str]:
    """A cohort from its limits, each written ``field=value``.

    Raises:
        InvalidInput: one limits nothing.
    """
    pairs = [limit.partition("=") for limit in limits]
    if broken := next((name for name, sign, _ in pairs if not sign), None):
        raise InvalidInput(f"{broken!r} limits nothing.", remedy="Write it as sector=software.", field="where")
    return {name: value for name, _, value in pairs}


def _field(question: Question) -> tuple[str, str]:
    """Signal and field asked about, if figures can be made of it."""
    name, _, field = question.field.partition(".")
    signal, profile = signal_named(name), signal_named(PROFILE)
    declared: Field | None = next((one for one in signal.fields if one.name == field), None)
    if declared is None or declared.type not in MEASURED or signal.subject is not Subject.COMPANY:
        fitting = [f"{name}.{one.name}" for one in signal.fields if one.type in MEASURED]
        raise InvalidInput(
            f"There are no figures of {question.field!r}.",
            remedy=f"Use one of {', '.join(fitting)}." if fitting else "Use a signal with amounts or counts.",
            field="field",
        )
    for one in question.cohort:
        if one not in profile.schema:
            raise InvalidInput(
                f"A cohort is not made by {one!r}.", remedy=f"Use one of {', '.join(profile.schema)}.", field="cohort"
            )
    return name, field


def _contributions(facts: Facts, claims: Claims, rungs: RungsOf, question: Question) -> list[Contribution]:
    """Each company's latest value, with those who claim it."""
    signal, _, field = question.field.partition(".")
    filled = facts.frames[signal].filter(pl.col(field).is_not_null())
    if question.cohort:
        among = facts.frames[PROFILE].filter(
            [pl.col(name).cast(pl.String) == value for name, value in question.cohort.items()]
        )
        filled = filled.join(among.select("subject_id"), on="subject_id", how="semi")
    latest = filled.sort("event_at", "key").group_by("subject_id", maintain_order=True).last()
    claimed = claims.frames[signal].filter(pl.col(field).is_not_null())
    givers = claimed.group_by("subject_id", "key").agg(pl.col("member").unique().sort().alias("givers"))
    known = latest.join(givers, on=("subject_id", "key"), how="left").sort("subject_id")
    return [
        Contribution(
            company_id=row["subject_id"],
            value=row[field],
            fact=f"{row['key']}|{row['known_at']}",
            givers=frozenset(row["givers"]),
            hidden=question.field in rungs.get(row["subject_id"], {}),
        )
        for row in known.iter_rows(named=True)
    ]
