"""Company names coined from word lists, and the variants under which members know them.

Brands are two or three uncommon characters drawn by chance, so that a name is clearly made up.
"""

from dataclasses import dataclass

import numpy as np

BRAND = (
    ("澜", "lan", "瀾"), ("翎", "ling", "翎"), ("珩", "heng", "珩"), ("屿", "yu", "嶼"), ("曜", "yao", "曜"),
    ("榛", "zhen", "榛"), ("汐", "xi", "汐"), ("岑", "cen", "岑"), ("霁", "ji", "霽"), ("槿", "jin", "槿"),
    ("穹", "qiong", "穹"), ("湄", "mei", "湄"), ("樾", "yue", "樾"), ("煜", "yu", "煜"), ("璟", "jing", "璟"),
    ("沅", "yuan", "沅"), ("骁", "xiao", "驍"), ("箴", "zhen", "箴"), ("砚", "yan", "硯"), ("芷", "zhi", "芷"),
    ("淞", "song", "淞"), ("峤", "qiao", "嶠"), ("昶", "chang", "昶"), ("恺", "kai", "愷"), ("飏", "yang", "颺"),
    ("黛", "dai", "黛"), ("笙", "sheng", "笙"), ("琰", "yan", "琰"), ("蔚", "wei", "蔚"), ("潼", "tong", "潼"),
    ("棣", "di", "棣"), ("朔", "shuo", "朔"), ("瑄", "xuan", "瑄"), ("隽", "juan", "雋"), ("铄", "shuo", "鑠"),
    ("邃", "sui", "邃"), ("鹭", "lu", "鷺"), ("蘅", "heng", "蘅"), ("桉", "an", "桉"), ("琮", "cong", "琮"),
    ("泓", "hong", "泓"), ("烨", "ye", "燁"), ("谌", "chen", "諶"), ("筠", "yun", "筠"), ("圻", "qi", "圻"),
    ("嵘", "rong", "嶸"), ("歆", "xin", "歆"), ("翊", "yi", "翊"), ("珞", "luo", "珞"), ("濯", "zhuo", "濯"),
    ("缙", "jin", "縉"), ("臻", "zhen", "臻"), ("弋", "yi", "弋"), ("旻", "min", "旻"), ("鸢", "yuan", "鳶"),
    ("湜", "shi", "湜"), ("枢", "shu", "樞"), ("岚", "lan", "嵐"), ("熠", "yi", "熠"), ("衢", "qu", "衢"),
)  # fmt: skip
"""Character, pinyin without tone, traditional form."""

SECTOR_WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "artificial_intelligence": (("智能科技", "Intelligent Technology"), ("人工智能", "Artificial Intelligence")),
    "semiconductors": (("半导体", "Semiconductor"), ("微电子", "Microelectronics")),
    "biomedicine": (("生物医药", "Biomedicine"), ("生物科技", "Biotechnology")),
    "advanced_manufacturing": (("智能装备", "Intelligent Equipment"), ("精密机械", "Precision Machinery")),
    "new_energy": (("新能源科技", "New Energy"), ("储能技术", "Energy Storage")),
    "new_materials": (("新材料", "New Materials"), ("高分子材料", "Polymer Materials")),
    "software": (("软件", "Software"), ("信息技术", "Information Technology")),
    "internet": (("网络科技", "Network Technology"), ("数字科技", "Digital Technology")),
    "aerospace": (("航空航天", "Aerospace"), ("卫星技术", "Satellite Technology")),
    "consumer": (("消费科技", "Consumer Technology"), ("食品科技", "Food Technology")),
    "finance": (("金融科技", "Financial Technology"),),
    "other": (("科技", "Technology"), ("技术服务", "Technical Services")),
}
LEGAL_FORMS = (("有限公司", "Co., Ltd.", 0.78), ("股份有限公司", "Corp., Ltd.", 0.14), ("有限责任公司", "LLC", 0.08))

_SIMPLIFIED = "术网络装备电广东苏杭汉庆无连门济宁长岛沈阳机务数储资产导体医药业总单间关开软余额类联进远运达责卫质"
_TRADITIONAL = "術網絡裝備電廣東蘇杭漢慶無連門濟寧長島瀋陽機務數儲資產導體醫藥業總單間關開軟餘額類聯進遠運達責衛質"
_TO_TRADITIONAL = str.maketrans(
    dict(zip(_SIMPLIFIED, _TRADITIONAL, strict=True)) | {simple: full for simple, _, full in BRAND}
)

VARIANTS = ("registered", "short", "city_in_brackets", "brand_in_brackets", "spaced", "traditional", "english")
"""How a member may write a name; ``registered`` is the name in the register."""


@dataclass(frozen=True)
class Name:
    """The parts of a company's name."""

    city: str
    city_en: str
    brand: tuple[int, ...]
    word: str
    word_en: str
    form: str
    form_en: str

    @property
    def coined(self) -> str:
        return "".join(BRAND[i][0] for i in self.brand)

    @property
    def romanised(self) -> str:
        return "".join(BRAND[i][1] for i in self.brand).capitalize()

    def variants(self) -> tuple[str, ...]:
        """The name in every form of ``VARIANTS``."""
        registered = f"{self.city}{self.coined}{self.word}{self.form}"
        return (
            registered,
            f"{self.city}{self.coined}{self.word}",
            f"{self.coined}（{self.city}）{self.word}{self.form}",
            f"{self.city}{self.word}{self.form}({self.coined})",
            f"{self.city}　{self.coined}{self.word}　{self.form}",
            registered.translate(_TO_TRADITIONAL),
            f"{self.romanised} {self.word_en} ({self.city_en}) {self.form_en}",
        )


def brands(count: int, draw: np.random.Generator) -> list[tuple[int, ...]]:
    """So many distinct brands, one in eight of two characters as far as there are enough."""
    n = len(BRAND)
    if count > n**3 // 2:
        raise ValueError(f"only {n**3 // 2} brands can be coined")
    short = min(count // 8, n**2 // 4)
    twos = draw.choice(n**2, short, replace=False).tolist()
    threes = draw.choice(n**3, count - short, replace=False).tolist()
    coined = [(i // n, i % n) for i in twos] + [(i // n**2, i // n % n, i % n) for i in threes]
    return [coined[i] for i in draw.permutation(count).tolist()]
