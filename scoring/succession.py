"""The champion of the moment: a service goes on without a break when another model becomes champion."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread

from alliance.errors import AllianceError
from scoring.decide import Scorer
from scoring.model import load

Failed = Callable[[AllianceError], None]


class Succession:
    """Scorers, one after the other, as the link to the champion's bundle is laid anew.

    To look where a link points takes microseconds, so that is done whenever a scorer is asked for. The next bundle is
    loaded and checked aside; until it is ready the scorer before it goes on, and requests under way end with the one
    they began with: each decision says by which bundle it was made. A bundle that cannot be loaded is told of once and
    succeeds nobody.

    Args:
        first: the scorer to begin with.
        link: the link its bundle was loaded by (``experiments.registry.publish``); without one, or where it is a folder
            of its own, the first scorer stays.
        failed: called with the error of a bundle that cannot be loaded.
    """

    def __init__(self, first: Scorer, link: Path | None = None, *, failed: Failed = lambda _: None) -> None:
        self._scorer, self._link, self.failed = first, link, failed
        self._seen = self._target()
        self._following = Lock()

    def scorer(self) -> Scorer:
        """The scorer of the champion, as far as its bundle is loaded."""
        target = self._target()
        if target != self._seen and target is not None and self._following.acquire(blocking=False):
            Thread(target=self._follow, args=(target,), name="succession", daemon=True).start()
        return self._scorer

    def settle(self) -> Scorer:
        """The scorer once no bundle is being loaded."""
        self.scorer()
        with self._following:
            return self._scorer

    def _follow(self, target: Path) -> None:
        assert self._link is not None
        try:
            bundle = load(self._link.parent / target)
            bundle.explainer.warm_up()
            self._scorer = self._scorer.succeeded_by(bundle)
        except AllianceError as error:
            self.failed(error)
        finally:
            self._seen = target
            self._following.release()

    def _target(self) -> Path | None:
        try:
            return None if self._link is None else self._link.readlink()
        except OSError:  # no link, or none any more
            return None
