"""Registration numbers hold by their check characters, and names are told apart."""

import numpy as np
from stdnum.cn import uscc
from stdnum.cn.ric import get_birth_place

from seeds.companies import PLACES, SECTOR_SHARES
from seeds.names import VARIANTS, brands
from seeds.registration import broken, organisation_check, registration_numbers
from seeds.world import World


def test_every_number_is_valid_and_its_own(world: World) -> None:
    codes = world.companies["registration_number"].to_list()
    assert all(uscc.validate(code) == code for code in codes)
    assert len(set(codes)) == len(codes)


def test_a_broken_number_is_not_valid() -> None:
    for code in registration_numbers(["110108"] * 50, 12345):
        assert not uscc.is_valid(broken(code))
        assert broken(code)[:-1] == code[:-1]


def test_organisation_code_has_the_check_character_of_a_known_code() -> None:
    assert organisation_check("60003734") == "1"  # 91110000600037341L, the example of python-stdnum


def test_region_codes_are_of_the_provinces() -> None:
    for place in PLACES:
        assert get_birth_place(f"{place.code}202401011234")["province"] == place.region


def test_names_are_distinct_in_every_variant(world: World) -> None:
    for kind in VARIANTS[:-1]:  # pinyin of different characters may be alike
        assert world.companies[f"name_{kind}"].n_unique() == len(world.companies)
    for row in world.companies.head(20).select([f"name_{kind}" for kind in VARIANTS]).rows():
        assert len(set(row[:5])) == 5


def test_brands_are_distinct() -> None:
    coined = brands(20_000, np.random.default_rng(0))
    assert len(set(coined)) == 20_000


def test_sector_shares_add_up() -> None:
    assert abs(sum(SECTOR_SHARES) - 1.0) < 1e-9
