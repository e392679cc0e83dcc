"""Advice in words, in Chinese and English."""

from scoring.advice.search import Move
from scoring.features import FEATURES_BY_NAME
from scoring.model.reasons import worded

NO_PROMISE = (
    "以上为模型在这些情况属实时的评分，并非承诺：做到之后违约未必因此减少。",
    "This is what the model would say, were these things so; it is no promise that they make default less likely.",
)

IF_THERE = (
    "以上为企业确有此类信息时的预期；费用为相对值，自定。",
    "This is what to expect if there is something to tell; costs only compare, and are our own choice.",
)

AT_BEST = ("已是最高等级。", "The grade is the best there is.")
OUT_OF_REACH = ("在可行范围内达不到上一等级；最多可达：", "The next grade is out of feasible reach; at best:")
NOTHING_HELPS = ("在可行范围内没有能降低风险的改变。", "No feasible change lowers the risk.")
LEFT_OUT = ("因所依据的信息未披露而未考虑：", "Left out, for what they rest on is not disclosed:")
NOTHING_MISSING = ("没有值得再取得的信息。", "No signal is worth obtaining.")


def move_words(move: Move) -> tuple[str, str]:
    """What to do, with the values before and after: 压缩月度净消耗（月均净消耗现金 22 万元 → 13 万元）."""
    feature = FEATURES_BY_NAME[move.change.feature]
    (before_zh, before_en), (after_zh, after_en) = (worded(feature.unit, value) for value in (move.before, move.after))
    zh = f"{move.change.zh}（{feature.zh}：{before_zh} → {after_zh}）"
    return zh, f"{move.change.en} ({feature.en}: {before_en} → {after_en})"
