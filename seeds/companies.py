"""Who the companies are: places, sectors, names, registration numbers."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from alliance.signals import SECTORS
from seeds.calendar import days_within
from seeds.names import LEGAL_FORMS, SECTOR_WORDS, VARIANTS, Name, brands
from seeds.registration import registration_numbers
from seeds.state import Traits

SECTOR_SHARES = (0.16, 0.12, 0.14, 0.13, 0.09, 0.08, 0.13, 0.06, 0.03, 0.03, 0.01, 0.02)
"""Share of companies in each of ``SECTORS``."""

HARDWARE = ("semiconductors", "advanced_manufacturing", "new_energy", "new_materials", "aerospace")
"""Sectors with plants: they emit, and their machines are online."""

TECHNOLOGIES = dict(zip(SECTORS, (
    "机器学习", "集成电路设计", "基因与细胞技术", "工业机器人", "电化学储能", "先进复合材料", "工业软件", "数据平台",
    "卫星载荷", "智能终端", "风险计算", "综合技术",
), strict=True))  # fmt: skip
"""Key technology field of each sector."""


@dataclass(frozen=True)
class Place:
    """A city: names, six-digit code of a district in it, share of companies."""

    city: str
    english: str
    region: str
    code: str
    share: float


PLACES = (
    Place("北京", "Beijing", "北京市", "110108", 0.15), Place("上海", "Shanghai", "上海市", "310115", 0.15),
    Place("深圳", "Shenzhen", "广东省", "440305", 0.14), Place("杭州", "Hangzhou", "浙江省", "330106", 0.09),
    Place("苏州", "Suzhou", "江苏省", "320506", 0.08), Place("南京", "Nanjing", "江苏省", "320106", 0.05),
    Place("广州", "Guangzhou", "广东省", "440106", 0.06), Place("合肥", "Hefei", "安徽省", "340104", 0.04),
    Place("武汉", "Wuhan", "湖北省", "420111", 0.05), Place("成都", "Chengdu", "四川省", "510107", 0.05),
    Place("西安", "Xi'an", "陕西省", "610113", 0.04), Place("无锡", "Wuxi", "江苏省", "320211", 0.02),
    Place("长沙", "Changsha", "湖南省", "430104", 0.02), Place("青岛", "Qingdao", "山东省", "370212", 0.02),
    Place("厦门", "Xiamen", "福建省", "350206", 0.02), Place("重庆", "Chongqing", "重庆市", "500112", 0.02),
)  # fmt: skip


def describe(traits: Traits, draw: np.random.Generator) -> pl.DataFrame:
    """One row for each company: company, registration_number, name, ``name_<variant>``, place, sector, founded_on."""
    n = len(traits.sector)
    shares = np.array([place.share for place in PLACES])
    places = [PLACES[i] for i in draw.choice(len(PLACES), n, p=shares / shares.sum()).tolist()]
    sectors = [SECTORS[i] for i in traits.sector.tolist()]
    names = _names(places, sectors, draw)
    variants = [name.variants() for name in names]
    codes = registration_numbers([place.code for place in places], int(draw.integers(1 << 31)))
    return pl.DataFrame({
        "company": np.arange(n),
        "registration_number": codes,
        "name": [written[0] for written in variants],
        **{f"name_{kind}": [written[i] for written in variants] for i, kind in enumerate(VARIANTS)},
        "region": [place.region for place in places],
        "city": [place.city for place in places],
        "industry": [name.word for name in names],
        "sector": sectors,
        "key_technology": [TECHNOLOGIES[sector] for sector in sectors],
        "cluster": [f"{place.city}{TECHNOLOGIES[sector]}集群" for place, sector in zip(places, sectors, strict=True)],
        "website": [f"https://{name.romanised.lower()}.example" for name in names],
        "founded_on": days_within(traits.founded, draw),
        "hardware": [sector in HARDWARE for sector in sectors],
    })  # fmt: skip


def _names(places: list[Place], sectors: list[str], draw: np.random.Generator) -> list[Name]:
    n = len(places)
    forms = draw.choice(len(LEGAL_FORMS), n, p=[share for _, _, share in LEGAL_FORMS]).tolist()
    turns = draw.integers(0, 1 << 16, n).tolist()
    names = []
    for place, sector, brand, form, turn in zip(places, sectors, brands(n, draw), forms, turns, strict=True):
        word, word_en = SECTOR_WORDS[sector][turn % len(SECTOR_WORDS[sector])]
        names.append(Name(place.city, place.english, brand, word, word_en, *LEGAL_FORMS[form][:2]))
    return names
