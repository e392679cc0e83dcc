"""What an operator counts, in Prometheus' own words; one registry per app."""

from prometheus_client import CollectorRegistry, Counter, Histogram

_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counters and histograms of one app.

    Attributes:
        registry: where they are collected.
        requests: requests answered, by method, route and status.
        seconds: how long they took, by method and route.
        scores: scores served, by grade.
        store_errors: requests the store failed.
        refusals: requests refused for who asked, what for or how often, by the problem's code.
        shadowed: decisions handed to a challenger, by what became of them: scored, failed or dropped.
        unloaded: bundles that became champion while the service ran and could not be loaded.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "alliance_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "alliance_http_request_seconds", "Time to answer.", ("method", "route"), buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self.scores = Counter("alliance_scores", "Scores served.", ("grade",), registry=self.registry)
        self.store_errors = Counter("alliance_store_errors", "Requests the store failed.", registry=self.registry)
        self.refusals = Counter(
            "alliance_refusals", "Requests refused for who asked, what for or how often.", ("code",),
            registry=self.registry,
        )  # fmt: skip
        self.shadowed = Counter(
            "alliance_shadow_scores", "Decisions handed to the challenger.", ("became",), registry=self.registry
        )
        self.unloaded = Counter(
            "alliance_champions_not_loaded", "Champions whose bundle could not be loaded.", registry=self.registry
        )
