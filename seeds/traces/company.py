"""Company profiles: at founding, and when the status changes."""

import polars as pl

from seeds.world import World

STATUS_OF = {"closure": "closed", "acquisition": "acquired", "listing": "listed"}


def profiles(world: World, events: pl.DataFrame) -> pl.DataFrame:
    """One row at founding (``operating``), one more at each closure, acquisition or listing among the credit events."""
    fields = (
        "company", "name", "registration_number", "founded_on", "region", "city", "industry", "sector",
        "key_technology", "cluster", "website",
    )  # fmt: skip
    about = world.companies.select(*fields, pl.lit("CHN").alias("country"))
    founded = about.with_columns(pl.lit("operating").alias("status"), pl.col("founded_on").alias("observed_on"))
    exits = events.filter(pl.col("kind").is_in(list(STATUS_OF))).select(
        "company", pl.col("kind").replace_strict(STATUS_OF).alias("status"), pl.col("happened_on").alias("observed_on")
    )
    changed = about.join(exits, on="company", how="inner", maintain_order="left")
    return pl.concat([founded, changed.select(founded.columns)])
