"""New companies, known by name and place alone, linked against those known before."""

import numpy as np
import polars as pl

from alliance.identity.linkage import score_pairs
from alliance.identity.profiles import PROFILE_SCHEMA
from bench.measure import Limit, timed

NEWCOMERS, KNOWN = 20_000, 50_000

_SYLLABLES = "云海山川江河湖泽林石明华光辉达远宏盛泰安星辰天宇中科新元凯瑞博睿智恒信诚嘉禾启航飞腾"
_TRADES = ("智能科技", "新材料", "生物医药", "半导体", "软件", "新能源", "航空航天", "精密机械", "网络科技", "微电子")
_CITIES = ("北京", "上海", "深圳", "杭州", "苏州", "南京", "武汉", "成都", "西安", "广州")


def linking(*, quick: bool = False) -> list[Limit]:
    """Seconds for many newcomers at once, half of whom are known under another spelling, and for ten; quick for ten."""
    newcomers, known = _companies()
    what = f"linking {NEWCOMERS:,} newcomers against {KNOWN:,} known"
    score_pairs(newcomers.head(1), known.head(1))  # the libraries are loaded
    ten = Limit(f"linking 10 newcomers against {KNOWN:,} known",
                timed(lambda: score_pairs(newcomers.head(10), known), runs=1 if quick else 3), "s", 5.0)  # fmt: skip
    return [ten] if quick else [Limit(what, timed(lambda: score_pairs(newcomers, known)), "s", 10.0), ten]


def _companies() -> tuple[pl.DataFrame, pl.DataFrame]:
    generator = np.random.default_rng(7)
    total = KNOWN + NEWCOMERS // 2
    brand = generator.integers(len(_SYLLABLES), size=(total, 3))
    trade, city = generator.integers(len(_TRADES), size=total), generator.integers(len(_CITIES), size=total)
    parts = [("".join(_SYLLABLES[place] for place in row), _TRADES[t], _CITIES[c])
             for row, t, c in zip(brand.tolist(), trade.tolist(), city.tolist(), strict=True)]  # fmt: skip
    known = _frame(
        "known", [(f"{city}{brand}{trade}有限公司", city) for brand, trade, city in parts[:KNOWN]], numbers=True
    )
    again = [(f"{brand}（{city}）{trade}", city) for brand, trade, city in parts[: NEWCOMERS // 2]]
    others = [(f"{city}{brand}{trade}", city) for brand, trade, city in parts[KNOWN:]]
    return _frame("new", again + others, numbers=False), known


def _frame(prefix: str, companies: list[tuple[str, str]], *, numbers: bool) -> pl.DataFrame:
    rows = [
        {
            **dict.fromkeys(PROFILE_SCHEMA), "company_id": f"{prefix}-{place:06}", "names": [name], "city": city,
            "people": [], "registration_number": str(place) if numbers else None,
        }
        for place, (name, city) in enumerate(companies)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=PROFILE_SCHEMA)
