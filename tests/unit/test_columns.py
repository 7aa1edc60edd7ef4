"""Agents backed by arrays: what is declared, what is read, what may be written."""

import copy
import pickle

import mesa
import numpy as np
import pytest

from sim.agents import Council, Imam, Resident, Youth
from sim.columns import Column, Table, TableAgent, columns_of


class Shop(TableAgent):
    table_name = "shops"

    stock = Column(np.int32, "things on the shelf", unit="things", low=0, high=100)
    trust = Column(float, "trust of its customers", unit="share")
    kind = Column(np.int8, "what it sells", labels=("bread", "tea", "cloth"))
    open = Column(bool, "whether it is open")
    prices = Column(float, "prices of three goods", low=0.0, width=3)
    debt = Column(float, "what it owes; anything goes")


class Bakery(Shop):
    ovens = Column(np.int64, "ovens", low=1)
    trust = Column(np.float32, "trust, measured less finely", unit="share")


class Street(mesa.Model):
    def __init__(self, rows=4):
        super().__init__(rng=1)
        self.shops = Table(Shop, rows)
        self.keepers = [Shop(self, row) for row in range(rows)]


@pytest.fixture
def street():
    return Street()


# --- Reading and writing ----------------------------------------------------------------------------------------------


def test_reading_an_attribute_reads_the_array(street):
    street.shops.stock[2] = 7
    street.shops.trust[2] = 0.25
    street.shops.open[2] = True
    shop = street.keepers[2]
    assert (shop.stock, shop.trust, shop.open) == (7, 0.25, True)
    assert street.keepers[1].stock == 0


def test_attributes_are_plain_python_values(street):
    shop = street.keepers[0]
    kinds = [type(getattr(shop, name)) for name in ("stock", "trust", "kind", "open", "debt")]
    assert kinds == [int, float, str, bool, float]


def test_writing_an_attribute_writes_the_array_and_no_other_row(street):
    street.keepers[1].stock = 9
    street.keepers[1].trust = 0.5
    street.keepers[1].open = True
    assert street.shops.stock.tolist() == [0, 9, 0, 0]
    assert street.shops["trust"].tolist() == [0.0, 0.5, 0.0, 0.0]
    assert street.shops.open.tolist() == [False, True, False, False]


def test_two_views_of_a_row_see_each_other(street):
    twin = Shop(street, 3)
    twin.stock += 4
    assert street.keepers[3].stock == 4


def test_a_table_that_is_replaced_is_read_at_once(street):
    street.shops = Table(Shop, 4)
    street.shops.stock = 5
    assert street.keepers[0].stock == 5


def test_labels_are_read_and_taken_as_names_or_codes(street):
    shop = street.keepers[0]
    assert shop.kind == "bread"
    shop.kind = "cloth"
    assert street.shops.kind[0] == 2
    shop.kind = 1
    assert shop.kind == "tea"


def test_an_unknown_label_is_refused_with_those_there_are(street):
    with pytest.raises(ValueError, match="kind must be one of bread, tea, cloth, not 'wood'"):
        street.keepers[0].kind = "wood"
    assert street.shops.kind[0] == 0


@pytest.mark.parametrize("code", [3, -1])
def test_a_code_without_a_label_is_refused(street, code):
    with pytest.raises(ValueError, match="kind"):
        street.keepers[0].kind = code


@pytest.mark.parametrize(("name", "value"), [("stock", -1), ("stock", 101), ("trust", 1.0001), ("trust", -0.1)])
def test_values_out_of_bounds_are_refused_and_not_stored(street, name, value):
    with pytest.raises(ValueError, match=rf"{name} must lie in \[0"):
        setattr(street.keepers[0], name, value)
    assert street.shops[name][0] == 0


def test_a_value_that_is_no_number_is_refused(street):
    with pytest.raises(ValueError, match="trust must lie in"):
        street.keepers[0].trust = float("nan")
    assert street.shops.trust[0] == 0.0


def test_bounds_themselves_are_allowed(street):
    shop = street.keepers[0]
    shop.stock, shop.trust = 100, 1.0
    assert (shop.stock, shop.trust) == (100, 1.0)
    shop.stock, shop.trust, shop.debt = 0, 0.0, -1e9
    assert (shop.stock, shop.trust, shop.debt) == (0, 0.0, -1e9)


def test_an_upper_bound_alone_holds():
    class Jar(TableAgent):
        table_name = "shops"
        sweets = Column(np.int32, "sweets in it", high=10)

    model = Street()
    model.shops = Table(Jar, 1)
    with pytest.raises(ValueError, match="sweets"):
        Jar(model, 0).sweets = 11


def test_wide_columns_are_views_of_their_row(street):
    shop = street.keepers[1]
    shop.prices = [1.0, 2.0, 3.0]
    assert street.shops.prices.tolist() == [[0.0] * 3, [1.0, 2.0, 3.0], [0.0] * 3, [0.0] * 3]
    shop.prices[2] = 9.0
    assert street.shops.prices[1, 2] == 9.0
    assert shop.prices.base is not None
    with pytest.raises(ValueError, match="prices must lie in"):
        shop.prices = [1.0, -2.0, 3.0]
    with pytest.raises(ValueError, match="broadcast"):
        shop.prices = [1.0, 2.0]
    assert shop.prices.tolist() == [1.0, 2.0, 9.0]


def test_other_attributes_stay_with_the_agent(street):
    street.keepers[0].nickname = "corner"
    assert street.keepers[0].nickname == "corner"
    assert "nickname" not in set(street.shops)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("truss", 'did you mean "trust"'),
        ("Stock", 'did you mean "stock"'),
        ("payments", "there are payments_due_next_year"),
    ],
)
def test_a_misspelt_attribute_is_refused_with_the_nearest(name, meant):
    class Kiosk(Shop):
        payments_due_next_year = Column(float, "what it will pay")

    model = Street()
    model.shops = Table(Kiosk, 1)
    kiosk = Kiosk(model, 0)
    with pytest.raises(AttributeError, match=f"a Kiosk has no attribute '{name}'; {meant}"):
        setattr(kiosk, name, 1)
    assert not hasattr(kiosk, name)


def test_a_class_may_declare_an_attribute_that_looks_like_a_misspelt_one():
    class Stall(Shop):
        stocks: int

        def __init__(self, model, row):
            super().__init__(model, row)
            self.stocks = 3

    assert Stall(Street(), 0).stocks == 3


def test_an_agent_says_which_row_it_is(street):
    assert repr(street.keepers[2]) == f"Shop(unique_id={street.keepers[2].unique_id}, row=2)"


# --- Declarations -----------------------------------------------------------------------------------------------------


def test_a_column_on_the_class_is_its_declaration():
    assert isinstance(Shop.stock, Column)
    assert (Shop.stock.name, Shop.stock.unit, Shop.stock.low, Shop.stock.high) == ("stock", "things", 0, 100)
    assert (Shop.trust.low, Shop.trust.high) == (0.0, 1.0)  # a share
    assert Shop.debt.low is None
    assert Shop.kind.labels == ("bread", "tea", "cloth")


def test_subclasses_inherit_columns_and_may_declare_them_anew():
    assert list(columns_of(Shop)) == ["stock", "trust", "kind", "open", "prices", "debt"]
    assert list(columns_of(Bakery)) == ["stock", "trust", "kind", "open", "prices", "debt", "ovens"]
    assert columns_of(Bakery)["trust"] is Bakery.trust
    assert columns_of(Shop)["trust"] is Shop.trust
    table = Table(Bakery, 2)
    assert table.trust.dtype == np.float32
    assert table.ovens.dtype == np.int64


def test_residents_are_youths_or_not_over_the_same_columns():
    assert columns_of(Youth) == columns_of(Resident)
    assert set(columns_of(Imam)) == {"neighbourhood", "slot", "engagement", "credibility", "inclusiveness"}


@pytest.mark.parametrize("agent_class", [Resident, Council, Imam])
def test_every_column_of_the_model_says_what_it_means(agent_class):
    for name, column in columns_of(agent_class).items():
        assert column.name == name
        assert column.meaning.strip(), name


# --- Tables -----------------------------------------------------------------------------------------------------------


def test_a_table_holds_one_array_a_column():
    table = Table(Shop, 3)
    assert len(table) == 3
    assert list(table) == ["stock", "trust", "kind", "open", "prices", "debt"]
    assert table.prices.shape == (3, 3)
    assert table.stock is table["stock"]
    assert table.nbytes == 3 * (4 + 8 + 1 + 1 + 24 + 8)
    assert not any(table[name].any() for name in table)


def test_assigning_a_column_fills_its_array_in_place():
    table = Table(Shop, 3)
    view = table.stock
    table.stock = np.array([1, 2, 3])
    assert view.tolist() == [1, 2, 3]
    table.stock = 5
    assert view.tolist() == [5, 5, 5]
    table.stock += 1
    assert view.tolist() == [6, 6, 6]
    with pytest.raises(ValueError, match="broadcast"):
        table.stock = np.zeros(4)


def test_a_table_of_nobody_is_empty():
    table = Table(Shop, 0)
    assert len(table) == 0
    assert table.prices.shape == (0, 3)


def test_unknown_columns_are_not_there():
    table = Table(Shop, 1)
    with pytest.raises(AttributeError, match="turnover"):
        _ = table.turnover
    with pytest.raises(KeyError):
        table["turnover"]


def test_unknown_columns_cannot_be_assigned():
    table = Table(Shop, 1)
    with pytest.raises(AttributeError, match="turnover"):
        table.turnover = 3.0


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda table: pickle.loads(pickle.dumps(table))])
def test_a_copied_table_has_arrays_of_its_own(duplicate):
    table = Table(Shop, 3)
    table.stock = [1, 2, 3]
    other = duplicate(table)
    other.stock[0] = 50
    assert table.stock.tolist() == [1, 2, 3]
    assert other.stock.tolist() == [50, 2, 3]
    assert (len(other), list(other)) == (3, list(table))


def test_a_shallow_copy_shares_the_arrays():
    table = Table(Shop, 3)
    other = copy.copy(table)
    other.stock[0] = 8
    assert table.stock[0] == 8


# --- Codes ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def kinds():
    """A column of codes: bread, tea, tea, cloth."""
    table = Table(Shop, 4)
    table.kind = [0, 1, 1, 2]
    return table.kind


def test_codes_may_be_compared_with_names(kinds):
    assert (kinds == "tea").tolist() == [False, True, True, False]
    assert ("tea" == kinds).tolist() == [False, True, True, False]  # noqa: SIM300  # the other way round
    assert (kinds != "tea").tolist() == [True, False, False, True]
    assert (kinds[1:] == "tea").tolist() == [True, True, False]
    assert (kinds[[0, 3]] == ["bread", "tea"]).tolist() == [True, False]
    assert (kinds == np.array(["tea", "tea", "cloth", "cloth"])).tolist() == [False, True, False, True]
    assert np.isin(kinds, ["bread", "cloth"]).tolist() == [True, False, False, True]
    assert "cloth" in kinds
    assert [kind == "tea" for kind in kinds] == [False, True, True, False]
    assert kinds[3] == "cloth"
    assert kinds[3] != "tea"


@pytest.mark.parametrize(
    "compare",
    [
        lambda kinds: kinds == "tee",
        lambda kinds: kinds != "tee",
        lambda kinds: kinds[1] == "tee",
        lambda kinds: "tee" in kinds,
        lambda kinds: kinds == ["tee", "tea", "tea", "tea"],
        lambda kinds: np.isin(kinds, ["tee"]),
    ],
)
def test_codes_refuse_a_name_that_there_is_not(kinds, compare):
    with pytest.raises(ValueError, match='kind is never "tee"; it is one of bread, tea, cloth; did you mean "tea"'):
        compare(kinds)


def test_codes_are_numbers_as_before(kinds):
    assert (kinds == 1).tolist() == [False, True, True, False]
    assert (kinds == np.array([0, 0, 1, 1])).tolist() == [True, False, True, False]
    assert (kinds == kinds).all()
    assert kinds.dtype == np.int8
    assert type(kinds == 1) is type(kinds + 1) is type(np.abs(kinds)) is np.ndarray
    assert (kinds.sum(), kinds[3], kinds[3].item(), ("a", "b", "c")[kinds[3]], hash(kinds[3])) == (4, 2, 2, "c", 2)
    assert np.isin(kinds, [1]).tolist() == [False, True, True, False]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, lambda array: pickle.loads(pickle.dumps(array))])
def test_copied_codes_know_their_names(kinds, duplicate):
    assert (duplicate(kinds) == "tea").tolist() == [False, True, True, False]


# --- Faults of whole columns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("trust", 3.0, r"trust must lie in \[0.0, 1.0\], not 3.0, as in row 2"),
        ("trust", float("nan"), r"trust must lie in \[0.0, 1.0\], not nan, as in row 2"),
        ("stock", -1, r"stock must lie in \[0, 100\], not -1, as in row 2"),
        ("kind", 3, r"kind must lie in \[0, 2\], not 3, as in row 2"),
        ("prices", -0.5, r"prices must lie in \[0.0, inf\], not -0.5, as in row 2"),
    ],
)
def test_what_an_agent_refuses_the_column_refuses_too(name, value, fault):
    table = Table(Shop, 4)
    table.refuse_faults()
    table[name][2] = value
    with pytest.raises(ValueError, match=fault):
        table.refuse_faults()


def test_a_fixed_column_that_has_changed_is_refused():
    class Mill(Shop):
        place = Column(np.int32, "where it stands", fixed=True)

    table = Table(Mill, 3)
    table.place = [4, 5, 6]
    table.fix()
    table.refuse_faults()
    table.place[1] = 7
    with pytest.raises(ValueError, match=r"place is fixed once the city is built: .*; row 1 has changed"):
        table.refuse_faults()


def test_a_column_may_miss_its_bounds_by_rounding_and_by_no_more(build_city):
    city = build_city()
    city.residents.performance[:] = 1.0000000000000002
    city.residents.refuse_faults()
    city.residents.performance[3] = 1.0 + 1e-9
    with pytest.raises(ValueError, match=r"performance must lie in \[0\.0, 1\.0\], not 1\.000000001, as in row 3"):
        city.residents.refuse_faults()
