"""What an analyst or a data scientist would use instead, learning from the same rows and examined on the same."""

from experiments.peers.expert import EXPERTS
from experiments.peers.hist_gradient_boosting import HIST_GRADIENT_BOOSTING
from experiments.peers.lightgbm import LIGHTGBM
from experiments.peers.logistic import LOGISTIC
from experiments.peers.peer import Lesson, Model, Peer
from experiments.peers.single import BEST_SINGLE, DAYS_SINCE_LAST_ROUND
from experiments.peers.woe_scorecard import WOE_SCORECARD
from experiments.peers.xgboost import XGBOOST

BASELINES: tuple[Peer, ...] = (DAYS_SINCE_LAST_ROUND, BEST_SINGLE, *EXPERTS)
"""No models: always in the tables, to show what a model is worth at all."""

PEERS: tuple[Peer, ...] = (LIGHTGBM, WOE_SCORECARD, LOGISTIC, HIST_GRADIENT_BOOSTING, XGBOOST, *BASELINES)

__all__ = ["BASELINES", "LIGHTGBM", "PEERS", "Lesson", "Model", "Peer"]
