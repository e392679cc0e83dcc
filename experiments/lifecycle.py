"""A model's life after training: examined at the gates, made champion by a person, taken back if need be.

The store says who is champion, in its ledger; the registry's aliases and the link at home follow. Each step can be
taken again: what is done already is not done twice, and what an interruption left undone is made good.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from alliance.config import Settings
from alliance.errors import Conflict, InvalidInput
from alliance.promotions import champions, promote, roll_back
from alliance.rights import AccessRequest
from alliance.store import Promotion, Store
from alliance.terminal import progress
from alliance.view import History
from experiments.fairness.judge import Fairness
from experiments.fairness.policy import policy_of
from experiments.fairness.run import examined_rows, judged
from experiments.gates import GATES
from experiments.gates.exam import Judges
from experiments.gates.examined import Examined, ask_all, days_of_exam, exam_on, in_the_way
from experiments.own_study import OPERATOR_MEMBER
from experiments.registry import CHALLENGER, Candidate, bundle_of, candidate, crown, keep_gates
from experiments.tracking import log_to_run
from scoring.score import ScoreTable

TRAINING = AccessRequest(OPERATOR_MEMBER, "model_training")
"""By which models' panels are read."""

GATES_CARD = "gates.md"


class GatesShut(Conflict):
    """A gate stands in the way of a promotion."""

    code = "gates.shut"


@dataclass(frozen=True)
class Crowned:
    """A champion: how it became one, and its version in the registry, if it has one."""

    promotion: Promotion
    version: str | None


def examine(
    settings: Settings, store: Store, history: History, version: str = CHALLENGER
) -> tuple[Candidate, Examined]:
    """Ask every gate of a version, and keep what they say with it and in its run.

    Groups of companies are judged by the fairness policy of the alliance's own jurisdiction.

    Raises:
        NotFound: there is no such version, or no such policy.
        Conflict: it is the champion, there is none to hold it against, or no row is left on which neither was taught.
        InvalidInput: both foresee different things.
    """
    found = candidate(settings, version)
    line = champions(store)
    if not line:
        raise Conflict("There is no champion to hold it against.", remedy="Promote it as it is: experiments promote.")
    if line[-1].bundle_sha256 == found.bundle.sha256:
        raise Conflict(f"Version {found.version} is the champion.", remedy="Name another: experiments gates VERSION.")
    champion = bundle_of(settings, line[-1].bundle_sha256)
    with progress("as-of days", len(days_of_exam(history, found.bundle))) as bar:
        exam = exam_on(history, champion, found.bundle, judges=_judges(history, store.policy.rights.home),
                       progress=lambda n: bar.advance(bar.task_ids[0], n))  # fmt: skip
    with progress("gates", len(GATES)) as bar:
        made = ask_all(exam, progress=lambda n: bar.advance(bar.task_ids[0], n))
    log_to_run(settings, found.run_id, metrics=made.metrics, texts={GATES_CARD: made.markdown()})
    keep_gates(settings, found.version, champion.sha256, made.gated)
    return found, made


def _judges(history: History, jurisdiction: str) -> Judges:
    """Who looks at groups of companies, by a jurisdiction's policy; approved is whom a model's own band approves."""
    policy = policy_of(jurisdiction)

    def judges(rows: pl.DataFrame, scored: ScoreTable) -> Fairness:
        certainty = scored.bundle.certainty
        cut = certainty.band.approve_below if certainty else None
        given = examined_rows(history, rows, scored.pd, policy)
        return judged(policy, given, cut, "below which the bundle's band approves")

    return judges


def promote_version(
    settings: Settings, store: Store, version: str, *, author: str, reason: str, despite: Sequence[str] = ()
) -> Crowned:
    """Make a version the champion, if it passed the gates against the present one, or is excepted from the others.

    Called again for the champion, it adds nothing to the ledger, but makes registry and link agree with it.

    Raises:
        NotFound: there is no such version.
        GatesShut: the gates were not asked against the present champion, or one stands in the way.
        InvalidInput: an exception is of no gate, or of one that passed; author or reason is blank.
        GrantsLost: a grant it was trained under has ended.
    """
    found = candidate(settings, version)
    line = champions(store)
    standing = line[-1].bundle_sha256 if line else ""
    gated = found.gated if standing not in ("", found.bundle.sha256) else ()
    if standing not in ("", found.bundle.sha256):
        _require_open(found, standing, despite)
    bundle = found.bundle
    wanted = Promotion(
        bundle_sha256=bundle.sha256, version=bundle.version, outcome=bundle.outcome.name, purpose=TRAINING.purpose,
        grants=found.grants, reason=reason, gates=gated, despite=tuple(despite) if gated else (),
    )  # fmt: skip
    made = promote(store, wanted, TRAINING, author=author)
    return Crowned(made, crown(settings, bundle, made))


def _require_open(found: Candidate, standing: str, despite: Sequence[str]) -> None:
    """Make sure that what stands in a version's way is excepted by name, and nothing else is."""
    if found.against != standing:
        raise GatesShut(
            f"The gates were not asked of version {found.version} against the present champion ({standing[:12]}).",
            remedy=f"Ask them: experiments gates {found.version}.",
        )
    shut = in_the_way(found.gated)
    if idle := sorted({*despite} - {*shut}):
        raise InvalidInput(
            f"Nothing is to be excepted at: {', '.join(idle)}.",
            remedy=f"Except gates that stand in the way, of {', '.join(shut) or 'which there is none'}.",
            field="despite",
        )
    if left := [one for one in found.gated if one.gate in shut and one.gate not in despite]:
        said = "; ".join(f"{one.gate}: {one.says} ({one.found})" for one in left)
        raise GatesShut(
            f"Gates stand in the way of version {found.version}: {said}",
            remedy="Train a better one; or except a gate by name, with your reason: --despite GATE.",
        )


def roll_back_champion(settings: Settings, store: Store, *, author: str, reason: str) -> Crowned:
    """Make the champion before the present one champion again, at once: its bundle is still there.

    Raises:
        Conflict: there is none before it.
        GrantsLost: a grant it was trained under has ended.
        NotFound, BundleError: its bundle is gone, or not as it was saved; nothing is changed then.
    """
    line = champions(store)
    before = bundle_of(settings, line[-2].bundle_sha256) if len(line) > 1 else None
    made = roll_back(store, TRAINING, author=author, reason=reason)
    bundle = before if before and before.sha256 == made.bundle_sha256 else bundle_of(settings, made.bundle_sha256)
    return Crowned(made, crown(settings, bundle, made))
