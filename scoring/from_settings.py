"""The scorer that settings name: store, champion, and the challenger in its shadow."""

from alliance.config import Settings
from alliance.store import Store
from scoring.bundle_source import load_bundle
from scoring.decide import Scorer
from scoring.shadow import Shadow


def scorer_of(settings: Settings) -> Scorer:
    """The scorer of the settings' store, champion and challenger.

    Raises:
        StoreError: the store cannot be opened.
        BundleError: a bundle cannot be loaded.
        InvalidInput: the challenger foresees another outcome than the champion.
    """
    bundle = load_bundle(settings.bundle, settings.tracking_uri)
    challenger = load_bundle(settings.shadow, settings.tracking_uri) if settings.shadow else None
    store = Store(settings.database_url)
    return Scorer(store, bundle, shadow=None if challenger is None else Shadow(store, challenger))
