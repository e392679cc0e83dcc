"""The validation report: everything in it was read from a run, and what was not studied is said to be so."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlflow import MlflowClient
from mlflow.artifacts import load_text
from typer.testing import CliRunner

from alliance.config import Settings
from alliance.errors import NotFound
from alliance.store import Store
from experiments.cli import app
from experiments.datasets.dataset import Column, Dataset, Examination
from experiments.experiment import DataUsed, experiment
from experiments.keep import keep
from experiments.listing import Listing
from experiments.metrics import Estimate
from experiments.splits import out_of_time
from experiments.study import Study, publish, rows_of
from experiments.study_plots import forest_figure
from experiments.validation.cards import Plain, Said, blocks
from experiments.validation.evidence import STUDIES, Evidence, Run
from experiments.validation.kept import evidence_of
from experiments.validation.markdown import markdown
from experiments.validation.page import inline, page
from experiments.validation.report import report
from experiments.validation.section import Picture, Reader, Status
from experiments.validation.sections import SECTIONS

ORDER = (
    "Purpose", "Data and lineage", "Method", "Assumptions", "Performance", "Calibration", "Stability", "Explanation",
    "Fairness", "Limits", "Monitoring plan", "Sign-off",
)  # fmt: skip

MODEL = Run(
    run_id="m" * 32, group="default-12m", name="v1", day="2026-01-31",
    params={"data_panel_sha256": "abc", "trees": "77"},
    metrics={"auc": 0.81234, "auc_low": 0.79, "auc_high": 0.83, "calibration_slope": 1.0421},
    tags={"bundle_version": "v1", "simulated": "false", "bundle_sha256": "f" * 64},
    texts={"model_card.md": "# Card\n\n## Limits\n\n- Not advice.\n- Wears out.\n\n## Other\n\nNo.\n"},
    pictures={"roc": b"\x89PNG"},
)  # fmt: skip


def study(kind, panel="abc", **kept):
    return Run(run_id=kind[0] * 32, group=kind, name=kind, day="2026-02-01", params={"data_sha256": panel}, **kept)


class Page(HTMLParser):
    """Holds that every element ends, and what the page would fetch."""

    ENDLESS = frozenset({"meta", "img"})

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.images, self.ids = [], [], 0, set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.links += [told[name] for name in ("src", "href") if name in told]
        self.images += tag == "img"
        self.ids |= {told["id"]} if "id" in told else set()
        if tag not in self.ENDLESS:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


# cards


@pytest.mark.parametrize("cell", ["a", "a | b", "`x`", ""])
def test_a_table_comes_back_as_it_was_written(cell):
    written = Listing("of things", ("who", "n"), (("one", cell), ("two", "2")), right=("n",))
    assert blocks(written.markdown()) == [written]


@given(st.lists(st.tuples(st.text("ab |", max_size=5), st.text("01 ", max_size=3)), min_size=1, max_size=5))
def test_any_cells_come_back(rows):
    cells = tuple((one.strip(), other.strip()) for one, other in rows if one.strip() or other.strip())
    written = Listing("t", ("a", "b"), cells)
    assert blocks(written.markdown()) == [written]


def test_a_card_is_read_in_order_by_heading():
    card = "# T\n\n## A\n\nOne.\n\n- point\n\n```\n x  y\n```\n\n## B\n\n### Data\n\nTwo.\n"
    assert blocks(card, "A") == [Said("One."), Said("point", point=True), Plain(" x  y")]
    assert blocks(card, "B") == [Said("Data: Two.")]
    assert blocks(card, "C") == [] and len(blocks(card)) == 4


# evidence


def test_only_studies_of_the_models_own_rows_are_its_evidence():
    own, other = study("ladder"), study("ladder", panel="xyz")
    found = Evidence.of(MODEL, {"ladder": [other, own], "peers": [study("peers", panel="xyz")], "probe": []})
    assert found.studies == {"ladder": own}
    assert list(found.elsewhere) == ["peers"]


def test_a_study_that_names_a_bundle_is_of_that_model_alone():
    own = replace(study("monitor", panel=""), params={"bundle_sha256": "f" * 64})
    others = replace(study("fairness"), params={"data_sha256": "abc", "bundle_sha256": "0" * 64})
    assert Evidence.of(MODEL, {"monitor": [own], "fairness": [others]}).studies == {"monitor": own}


def test_what_the_gates_said_is_in_the_models_own_run():
    before = {one.title: one for one in report(Evidence(MODEL, {})).sections}["Sign-off"]
    assert before.summary.endswith("no gates on record")
    said = replace(MODEL, texts={**MODEL.texts, "gates.md": "| gate | says |\n| --- | --- |\n| uplift | pass |\n"})
    after = {one.title: one for one in report(Evidence(said, {})).sections}["Sign-off"]
    assert ("uplift", "pass") in next(part for part in after.parts if isinstance(part, Listing)).rows


def test_a_run_that_names_no_rows_is_nobodys_evidence():
    silent = replace(study("ladder"), params={})
    assert Evidence.of(replace(MODEL, params={}), {"ladder": [silent]}).studies == {}


# sections


def test_sections_come_in_order_and_say_what_was_not_examined():
    found = report(Evidence(MODEL, {}))
    assert tuple(section.title for section in found.sections) == ORDER
    status = {section.title: section.status for section in found.sections}
    assert status["Fairness"] is status["Stability"] is status["Explanation"] is Status.NOT
    assert status["Performance"] is Status.IN_PART
    text = markdown(found)
    for command in ("fairness", "stability", "backtest", "ladder", "peers", "probe", "monitor"):
        assert f"`experiments {command}` makes one" in text


def test_a_study_of_other_rows_is_named_and_not_quoted():
    other = study("fairness", panel="xyz", texts={"study.md": "# fairness\n\nGroups are alike.\n"})
    text = markdown(report(Evidence.of(MODEL, {"fairness": [other]})))
    assert "Groups are alike" not in text
    assert "are of other rows or models" in text and other.run_id in text


def test_a_study_of_the_models_rows_is_quoted_whole():
    table = Listing("gaps", ("group", "gap"), (("north", "0.01"),), right=("gap",))
    card = f"# fairness: store\n\nAlike?\n\n- As far as seen.\n\n{table.markdown()}\n"
    own = study("fairness", texts={"study.md": card}, pictures={"gaps": b"\x89PNG2"})
    section = {one.title: one for one in report(Evidence.of(MODEL, {"fairness": [own]})).sections}["Fairness"]
    assert section.status is Status.EXAMINED
    assert table in section.parts and Said("As far as seen.", point=True) in section.parts
    assert [part.png for part in section.parts if isinstance(part, Picture)] == [b"\x89PNG2"]
    assert {trace.run_id for trace in section.traces} == {own.run_id}


def test_the_flip_test_is_told_where_the_run_has_it():
    def told(run):
        return {one.title: one for one in report(Evidence(run, {})).sections}["Explanation"]

    assert "not flip-tested" in told(MODEL).summary
    flipped = told(replace(MODEL, metrics={**MODEL.metrics, "reasons_hold": 0.9934}))
    assert "99.34%" in flipped.summary and flipped.status is Status.IN_PART


def test_every_number_of_the_model_was_read_and_noted():
    """Change any measure of the run: the report changes there, and its note says where it came from."""
    before = markdown(report(Evidence(MODEL, {})))
    changed = replace(MODEL, metrics={**MODEL.metrics, "auc": 0.5555, "calibration_slope": 2.5})
    after = report(Evidence(changed, {}))
    text = markdown(after)
    assert "0.5555" in text and "2.500" in text and "0.5555" not in before
    assert "0.8123" not in text and "1.042" not in text
    notes = after.traces().rows
    assert any(row[2].startswith("0.5555") and row[3] == "metrics auc, auc_low, auc_high" for row in notes)
    assert all(row[4] == MODEL.run_id for row in notes)


@pytest.mark.parametrize("place", range(len(SECTIONS)))
def test_a_section_of_a_bare_run_says_so_and_makes_nothing_up(place):
    bare = Run(run_id="b", group="g", name="n", day="2026-01-01")
    section = SECTIONS[place](Reader(Evidence(bare, {})))
    assert section.title == ORDER[place]
    assert not section.traces, "nothing is on record, so nothing can have been read"
    assert not [part for part in section.parts if isinstance(part, Picture)]


# pages


def test_the_page_is_whole_and_fetches_nothing():
    found = report(Evidence.of(MODEL, {kind: [study(kind, texts={"study.md": "Said <b>.\n"})] for kind in STUDIES}))
    text = page(found)
    seen = Page(text)
    assert not seen.open and seen.images == 1
    assert all(link.startswith(("#", "data:")) for link in seen.links) and "url(" not in text and "@import" not in text
    assert {link.removeprefix("#") for link in seen.links if link.startswith("#")} <= seen.ids
    assert "Said &lt;b&gt;." in text


@given(st.text("<>&\"'`*ab", max_size=30))
def test_what_is_quoted_cannot_become_markup(text):
    shown = re.sub(r"</?(code|strong)>", "", inline(text))
    assert "<" not in shown and ">" not in shown and '"' not in shown


def test_simulated_data_are_told_first():
    simulated = report(Evidence(replace(MODEL, tags={**MODEL.tags, "simulated": "true"}), {}))
    real = report(Evidence(MODEL, {}))
    for made, told in ((simulated, True), (real, False)):
        assert ("data are simulated" in markdown(made)) is told is ("data are simulated" in page(made))


# MLflow and the console


@pytest.fixture(scope="module")
def home(tmp_path_factory, panel):
    """A champion, a study of its rows, and one of others."""
    settings = Settings.from_environment({"ALLIANCE_HOME": str(tmp_path_factory.mktemp("home"))})
    split = out_of_time(panel, 4)
    store = Store(settings.database_url)
    data = DataUsed.of(panel, ["bank@1.0.0"], simulated=True, about="Made for a test.")
    kept = keep(settings, store, experiment(panel, split, version="first"), data, register=True)
    store.close()
    rows = Dataset(
        name="store", about="Rows.", frame=panel.frame, columns=tuple(map(Column.of, panel.features)),
        horizon_months=12, examinations=(Examination("all", "all", (split,)),), simulated=True,
    )  # fmt: skip
    gap = Estimate(0.0312, 0.01, 0.05)
    for kind, frame in (("fairness", panel.frame), ("ladder", panel.frame.head(100))):
        publish(
            settings,
            Study(
                kind=kind, data="store", about="Rows.", question="Alike?", says=("A gap of 0.0312.",),
                listings=(Listing("gaps", ("group", "gap"), (("north", "0.0312"),), right=("gap",)),),
                params=rows_of(replace(rows, frame=frame)), metrics={"gap": gap},
                figures={"gaps": forest_figure("gaps", {"north": gap}, "gap")},
            ),
        )  # fmt: skip
    return settings, kept


def test_the_champions_report_is_written_and_kept(home, tmp_path, monkeypatch):
    settings, kept = home
    monkeypatch.setenv("ALLIANCE_HOME", str(settings.home))
    answer = CliRunner().invoke(app, ["validate", "--out", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    written = (tmp_path / f"validation-{kept.run_id[:8]}.html").read_text(encoding="utf-8")
    client = MlflowClient(settings.tracking_uri)
    run = client.get_run(kept.run_id)
    assert load_text(f"{run.info.artifact_uri}/validation/report.html") == written
    assert Page(written).images == 6, "the run's five figures, and the study's"
    text = (tmp_path / f"validation-{kept.run_id[:8]}.md").read_text(encoding="utf-8")
    assert f"{run.data.metrics['auc']:.4f}" in text
    assert "| north | 0.0312 |" in text, "the study of the model's rows"
    assert "1 runs of `ladder` on record are of other rows or models" in text
    for picture in re.findall(r"base64,([^)]+)\)", text):
        assert base64.b64decode(picture).startswith(b"\x89PNG")


def test_a_run_that_is_not_there(home):
    with pytest.raises(NotFound, match="experiments runs"):
        evidence_of(home[0], "no-such-run")


def test_without_a_champion_there_is_no_report(tmp_path, monkeypatch):
    monkeypatch.setenv("ALLIANCE_HOME", str(tmp_path))
    answer = CliRunner().invoke(app, ["validate"])
    assert answer.exit_code == 1 and "no champion" in answer.output and "Traceback" not in answer.output
