"""A model is kept only while what taught it may be read; who revokes is told which models were taught by it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from alliance import grants
from alliance.audit import audit
from alliance.cli.app import app as console
from alliance.config import Settings
from alliance.promotions import GrantsLost, require_unchanged
from alliance.rights import AccessRequest, Consent, Disclosure, Grant, Receiver, ReceiverKind, Scope
from alliance.store import Store
from alliance.store.decisions import grants_digest
from alliance.store.entries import EntryKind, append
from alliance.store.promotions import select_promotions
from alliance.store.schema import company
from alliance.view import View
from experiments.experiment import DataUsed, Experiment, experiment
from experiments.keep import keep
from experiments.panel import Panel
from experiments.registry import champion_run
from experiments.splits import out_of_time
from experiments.tracking import log_run, runs, tracked

OPERATOR = "alliance"
REQUEST = AccessRequest(OPERATOR, "model_training")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"ALLIANCE_HOME": str(tmp_path)})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """Two members; the operator trains models."""
    opened = Store(settings.database_url)
    for member, role in ((OPERATOR, "operator"), ("bank", "bank"), ("fund", "investor")):
        grants.register(opened, member, role, author=OPERATOR)
    yield opened
    opened.close()


def lend(store: Store, giver: str, **terms: Any) -> str:
    """A member's grant to the operator to train models on all it tells."""
    own = {"fields": ("*",), "purposes": ("model_training",), "disclosure": Disclosure.RAW} | terms
    receiver = Receiver(ReceiverKind.MEMBER, OPERATOR)
    return grants.give(store, [Grant(giver=giver, receiver=receiver, **own)], author=giver)[0].grant_id


@pytest.fixture(scope="module")
def taught(panel: Panel) -> Callable[[Store], Experiment]:
    """An experiment on the made-up panel, as if read from a store now; the trees are grown once."""
    grown: list[Experiment] = []

    def made(store: Store) -> Experiment:
        access = View(store, REQUEST).history().access
        under = replace(panel, access=access)
        if not grown or grown[0].panel.access.grants != access.grants:
            grown[:] = [experiment(under, out_of_time(under, 4), version="toy-6m")]
        return replace(grown[0], panel=under)

    return made


def used(found: Experiment) -> DataUsed:
    return DataUsed.of(found.panel, ["bank@1.0.0"], simulated=True, about="Made for a test.")


def test_run_bundle_ledger_and_store_name_the_same_grants(
    settings: Settings, store: Store, taught: Callable[[Store], Experiment]
) -> None:
    both = {lend(store, "bank"), lend(store, "fund")}
    found = taught(store)
    kept = keep(settings, store, found, used(found), register=True)
    run = MlflowClient(settings.tracking_uri).get_run(kept.run_id)
    with tracked(settings):
        files = {name: mlflow.artifacts.load_text(f"runs:/{kept.run_id}/{name}")
                 for name in ("grants.txt", "model_card.md")}  # fmt: skip
    digest = grants_digest(found.panel.access.grants)
    assert set(files["grants.txt"].split()) == both
    assert (run.data.params["data_grants"], run.data.params["data_grants_sha256"]) == ("2", digest)
    assert (run.data.tags["purpose"], run.data.tags["grants_sha256"]) == ("model_training", digest)
    assert digest in files["model_card.md"] and "under 2 grants" in files["model_card.md"]
    assert {name: found.bundle.training[name] for name in ("purpose", "grants", "grants_sha256")} == {
        "purpose": "model_training", "grants": 2, "grants_sha256": digest,
    }  # fmt: skip
    with store.reading() as connection:
        [promoted] = select_promotions(connection)
    assert (promoted.bundle_sha256, promoted.author, set(promoted.grants)) == (found.bundle.sha256, OPERATOR, both)
    assert kept.run_id in promoted.reason and promoted.no == store.watermark()
    assert audit(store).findings == []

    one = min(both)
    done = grants.revoke(store, one, author="bank", reason="We part.")
    assert done.models == (promoted,)
    with pytest.raises(GrantsLost) as caught:
        keep(settings, store, found, used(found))
    assert one in str(caught.value) and caught.value.where["grants"] == 1
    words = ["--author", "fund", "--reason", "x", "--database", settings.database_url]
    told = CliRunner().invoke(console, ["grants", "revoke", max(both), *words])
    assert told.exit_code == 0 and "Models trained under it: 1." in told.output
    assert "train it again without it" in told.output and "重新训练" in told.output


def test_revoked_while_it_was_trained_nothing_is_kept(
    settings: Settings, store: Store, taught: Callable[[Store], Experiment]
) -> None:
    own = lend(store, "bank")
    lend(store, "fund")
    found = taught(store)
    lend(store, "fund", fields=("headcount",))  # more than was read does not matter
    grants.revoke(store, own, author="bank", reason="We part.")
    with pytest.raises(GrantsLost, match=own):
        keep(settings, store, found, used(found), register=True)
    assert runs(settings)[0] == [] and champion_run(settings) is None
    assert not (settings.home / "bundle").exists() and not (settings.home / "mlruns").exists()
    with store.reading() as connection:
        assert select_promotions(connection) == []
    found = taught(store)
    assert keep(settings, store, found, used(found), register=True).champion == "1"


def test_revoked_while_it_was_logged_it_becomes_no_champion(
    settings: Settings, store: Store, taught: Callable[[Store], Experiment], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = lend(store, "bank")
    found = taught(store)

    def revoked_meanwhile(*given: Any, **named: Any) -> Any:
        logged = log_run(*given, **named)
        grants.revoke(store, own, author="bank", reason="We part.")
        return logged

    monkeypatch.setattr("experiments.keep.log_run", revoked_meanwhile)
    with pytest.raises(GrantsLost, match=own):
        keep(settings, store, found, used(found), register=True)
    assert runs(settings)[0] == [] and champion_run(settings) is None
    assert not (settings.home / "bundle").exists()


@pytest.mark.parametrize("what", ["withdrawn", "ended", "kept"])
def test_what_counts_as_lost(store: Store, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """A consent withdrawn and a grant that ends are lost rights as well; what stays as it was is none."""
    with store.writing() as connection:
        entry = append(connection, EntryKind.SUBMISSION, "bank", store.clock())
        connection.execute(company.insert().values(company_id="co_1", submission_no=entry.no))
    said = grants.consent(store, Consent(company_id="co_1", evidence="A letter."), author="bank")
    until = store.clock() + timedelta(hours=1)
    lend(store, "bank", companies=Scope.CONSENTED, valid_until=until)
    access = store.access(REQUEST)
    assert access.anything
    if what == "withdrawn":
        grants.withdraw(store, said.consent_id, author="bank", reason="Another letter.")
    if what == "ended":
        monkeypatch.setattr(store, "clock", lambda: until)
    if what == "kept":
        require_unchanged(store, access)
    else:
        with pytest.raises(GrantsLost):
            require_unchanged(store, access)
