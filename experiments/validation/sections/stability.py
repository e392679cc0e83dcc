"""Whether another seed, or another time, would have made another model."""

from experiments.validation.section import Reader, Section, status_of


def stability(reader: Reader) -> Section:
    """The studies of seeds and of rolling origins."""
    seeds, drawn = reader.study("stability", "experiments stability")
    origins, rolled = reader.study("backtest", "experiments backtest")
    told = [name for name, there in (("seeds", drawn), ("rolling origins", rolled)) if there]
    return Section(
        title="Stability",
        status=status_of(drawn, rolled),
        summary="looked at over " + " and ".join(told) if told else "not looked at",
        parts=[*seeds, *origins],
        traces=reader.traces,
    )
