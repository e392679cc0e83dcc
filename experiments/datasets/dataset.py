"""What every set of data becomes before models are compared on it: labelled rows, columns, and how to examine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from alliance.errors import NotFound
from alliance.signals import Pillar
from experiments.metrics import Sample
from experiments.panel import LABEL, table_sha256
from experiments.splits import Split
from scoring.features import Direction, Feature


@dataclass(frozen=True)
class Column:
    """One input a model may use.

    Attributes:
        name: the column of the frame; numbers, or words for a category.
        en: what it is.
        direction: how risk must move as it rises; a category is always free.
        pillar: the pillar it belongs to; ``None`` where data know no pillars.
    """

    name: str
    en: str
    direction: Direction = Direction.FREE
    pillar: Pillar | None = None

    @classmethod
    def of(cls, feature: Feature) -> "Column":
        """The column that holds a feature."""
        return cls(feature.name, feature.en, feature.direction, feature.pillar)


@dataclass(frozen=True, eq=False)
class Examination:
    """One way to hold a model to account: every forecast is of a row its model was not taught.

    Attributes:
        name: a few words, such as ``out of time``.
        how: what teaches and what examines, in a sentence.
        splits: one, or one a fold; no two test the same row.
    """

    name: str
    how: str
    splits: tuple[Split, ...]

    @property
    def tested(self) -> pl.DataFrame:
        """All test rows, split after split."""
        return pl.concat([split.test for split in self.splits])

    @property
    def sample(self) -> Sample:
        """Labels and companies of ``tested``."""
        rows = self.tested
        return Sample.of(rows[LABEL].to_numpy(), rows["company_id"])


@dataclass(frozen=True)
class Published:
    """A result others have reported on the same data.

    Attributes:
        by: who, where and when.
        said: the result as they give it; it need not be of the same rows or split.
        verified: whether the source itself was read, or is quoted from memory.
    """

    by: str
    said: str
    verified: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Labelled rows to compare models on.

    Attributes:
        name: what commands call it.
        about: what the rows are, where they come from, and what to beware of, in a few sentences.
        frame: one row a case: ``company_id`` (String: whose rows are no independent witnesses), ``as_of`` (Date: the
            day looked from), the columns, ``label`` (Boolean). Null is unknown. Numbers are Float64, categories String.
        columns: what models may use.
        horizon_months: how long after its day a row's label is known; 0 where data say nothing of it.
        examinations: how models are examined.
        simulated: whether the companies are made up.
        published: what others reported.
    """

    name: str
    about: str
    frame: pl.DataFrame
    columns: tuple[Column, ...]
    horizon_months: int
    examinations: tuple[Examination, ...]
    simulated: bool = False
    published: tuple[Published, ...] = ()

    @property
    def sha256(self) -> str:
        """Digest of the table's content, hexadecimal."""
        return table_sha256(self.frame)

    def with_columns(self, columns: Iterable[Column]) -> "Dataset":
        """The same data, seen by some columns only."""
        return replace(self, columns=tuple(columns))

    def examination(self, name: str) -> Examination:
        """The examination of that name; the first there is, if the name is empty.

        Raises:
            NotFound: no such examination.
        """
        for one in self.examinations:
            if name in ("", one.name):
                return one
        known = ", ".join(one.name for one in self.examinations)
        raise NotFound(f"{self.name} has no examination {name!r}.", remedy=f"Use one of: {known}.", field="examination")


def numbers(rows: pl.DataFrame, columns: Sequence[Column]) -> list[Column]:
    """Those of the columns that hold numbers."""
    return [column for column in columns if rows.schema[column.name] != pl.String]
