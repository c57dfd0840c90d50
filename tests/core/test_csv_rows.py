"""Acme's accountant sends CSV files of every kind; what is broken is named, the rest is read."""

from __future__ import annotations

import io

import pytest

from redound.core.csv_reading import MAX_LINES, MAX_ROW, Broken, Record, guess_delimiter, read_records
from redound.core.csv_rows import Columns, Finding, Kind, read_header, read_row


def read(text: str, delimiter: str = ",") -> list[Record | Broken]:
    """Read a file of this text, its line ends as they are."""
    return list(read_records(io.StringIO(text, newline="").readline, delimiter))


def header(names: str, kind: Kind = Kind.CONVERSIONS, **mapping: str) -> Columns:
    """Return a header that must be understood."""
    found = read_header(names.split(","), kind, mapping, advertiser_known=True)
    assert isinstance(found, Columns), found
    return found


def codes(names: str, kind: Kind = Kind.CONVERSIONS, **mapping: str) -> list[tuple[str, str]]:
    """Return column and code of all that is wrong with a header."""
    found = read_header(names.split(","), kind, mapping)
    assert isinstance(found, list), found
    return [(each.column, each.code) for each in found]


def test_mixed_line_ends_and_blank_rows_keep_their_numbers():
    """Rows are counted as a spreadsheet shows them."""
    assert read("a,b\r\n1,2\n\n3,4\r5,6") == [
        Record(1, ["a", "b"]),
        Record(2, ["1", "2"]),
        Record(4, ["3", "4"]),
        Record(5, ["5", "6"]),
    ]


def test_a_line_break_between_quotes_is_one_row():
    """A comment of two lines."""
    assert read('a,"b\r\nc"\n1,2\n') == [Record(1, ["a", "b\r\nc"]), Record(2, ["1", "2"])]


@pytest.mark.parametrize("following", ["1,2\n" * (MAX_LINES + 5), "1,2\n", '"1","2"\n' * 3])
def test_a_quote_that_never_closes_costs_its_own_row_alone(following: str):
    """Good rows after it are read, whatever they contain."""
    broken, *rest = read('x,"y\n' + following)
    assert broken == Broken(1, 2, "A quote opens here and does not close.")
    assert len(rest) == following.count("\n")
    assert all(isinstance(each, Record) and each.cells == ["1", "2"] for each in rest)


def test_what_follows_a_closing_quote_is_named_with_its_column():
    """Two rows, the first of them broken in its third column."""
    broken, good = read('1,"a,b","c"d,4\n1,2\n')
    assert (broken.row, broken.column, good) == (1, 3, Record(2, ["1", "2"]))


def test_a_quote_inside_of_a_plain_cell_is_a_letter():
    """A screen of 5 inches."""
    assert read('5" screen,2\n') == [Record(1, ['5" screen', "2"])]


def test_a_huge_cell_is_skipped_in_bounded_memory():
    """It is named with its column, and never read as a whole."""
    asked: list[int] = []
    file = io.StringIO("1," + "x" * (10 * MAX_ROW) + ",3\n4,5\n", newline="")

    def readline(size: int) -> str:
        asked.append(size)
        return file.readline(size)

    broken, good = read_records(readline)
    assert (broken.row, broken.column, good) == (1, 2, Record(2, ["4", "5"]))
    assert max(asked) <= MAX_ROW + 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_most_frequent_one_outside_of_quotes(delimiter: str):
    """Excel writes what its country uses."""
    assert guess_delimiter(delimiter.join(["a", '"b,,,;;;;"', "c"])) == delimiter


def test_columns_are_found_by_any_of_their_names():
    """In any case and order; what is not known is not read."""
    columns = header("Comment, ORDER_ID ,SubID,Payout")
    assert [(columns.names[index], field) for index, field in columns.read] == [
        ("ORDER_ID", "txid"),
        ("SubID", "click_id"),
        ("Payout", "amount"),
    ]
    assert columns.ignored == ["Comment"]


def test_a_mapping_comes_before_the_names():
    """Bob says what a column is, and that another is not read."""
    columns = header("Number,click_id,sum", number="txid", sum="")
    assert columns.read == ((0, "txid"), (1, "click_id"))


def test_two_hundred_columns_are_fine():
    """Those that are not known are not read."""
    columns = header(",".join(["click_id", *(f"c{number}" for number in range(199))]))
    assert len(columns.ignored) == 199


@pytest.mark.parametrize(
    ("names", "mapping", "expected"),
    [
        ("a,b", {}, [("", "missing_column")]),
        ("click_id,clickid", {}, [("clickid", "twice")]),
        ("click_id,a", {"b": "txid"}, [("b", "no_such_column")]),
        ("click_id,a", {"a": "txit"}, [("a", "no_such_field")]),
        (",".join(["click_id"] * 501), {}, [("", "too_many_columns")]),
    ],
)
def test_a_wrong_header_is_refused_with_the_column(names: str, mapping: dict[str, str], expected: list):
    """Before any row is read."""
    assert codes(names, **mapping) == expected


def test_activity_needs_all_of_its_columns():
    """Each one that is missing is named."""
    found = read_header(["player_id", "date"], Kind.ACTIVITY, {})
    assert [each.sentence.split()[5].rstrip(".") for each in found] == [
        "kind",
        "amount",
        "currency",
        "external_id",
        "advertiser_id",
    ]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('=HYPERLINK("http://x")', "formula"),
        ("=1+1", "formula"),
        ("@SUM(A1:A9)", "formula"),
        ("+cmd|' /C calc'!A0", "formula"),
        ("#REF!", "formula"),
        ("1.23457E+17", "rounded"),
        ("a\0b", "control_character"),
        ("a\nb", "control_character"),
        ("caf\udce9", "not_utf8"),
    ],
)
def test_a_cell_that_is_not_what_it_shows_is_refused(cell: str, code: str):
    """With row and column."""
    found = read_row(7, ["c", cell], header("click_id,Order_ID"))
    assert isinstance(found, Finding)
    assert (found.row, found.column, found.code) == (7, "Order_ID", code)


def test_signs_and_marks_alone_are_no_formula():
    """A negative amount, and a name with a mark."""
    columns = header("customer_id,amount")
    assert read_row(2, ["@alice", "-2.50"], columns) == {"customer_id": "@alice", "amount": "-2.50"}


def test_strange_cells_that_are_not_read_harm_nobody():
    """A formula in a column of comments."""
    assert read_row(2, ["c", "=1+1"], header("click_id,comment")) == {"click_id": "c"}


@pytest.mark.parametrize(("cells", "column"), [(["c"], "txid"), (["c", "t", "more"], "column 3")])
def test_a_row_of_another_length_names_where(cells: list[str], column: str):
    """A delimiter too many or too few."""
    found = read_row(3, cells, header("click_id,txid"))
    assert isinstance(found, Finding)
    assert (found.column, found.code) == (column, "wrong_length")


def test_empty_cells_at_the_end_are_fine():
    """Spreadsheets leave them."""
    columns = header("click_id,txid")
    assert read_row(3, ["c", "", "", ""], columns) == {"click_id": "c"}
    assert read_row(3, ["", "", "", ""], columns) is None
