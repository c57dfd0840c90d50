"""Bob imports Acme's files: conversions, decisions on them, and what players did."""

from __future__ import annotations

import pytest

from tests.console import imports
from tests.console.imports import verdicts
from tests.console.traffic import bump, convert, open_click


@pytest.fixture
def file(tmp_path):
    """Where Bob keeps the file."""
    return tmp_path / "sales.csv"


def counts() -> tuple[int, int, int]:
    """How many reports, conversions and deliveries there are."""
    from redound.console.traffic.models import Conversion, Delivery, Report

    return Report.objects.count(), Conversion.objects.count(), Delivery.objects.count()


def sales(world, *rows: str) -> str:
    """A file with a click of its own for each row that has one to fill in."""
    return "click_id,goal,amount,txid\n" + "".join(f"{row.replace('C', open_click(world))}\n" for row in rows)


def test_rows_become_conversions_with_their_postbacks(world, file):
    """Each is kept as a report that names its import and row."""
    from redound.console.traffic.models import Report

    world.make_postback()
    job = imports.run(file, sales(world, "C,sale,12.50,T-1", "C,,,T-2"))
    assert (job.state, job.counts) == ("done", {"accepted": 2})
    assert counts() == (2, 2, 2)
    assert set(Report.objects.values_list("method", "raw_query")) == {
        ("CSV", f"import={job.pk}&row=2"),
        ("CSV", f"import={job.pk}&row=3"),
    }


def test_a_bad_row_is_named_and_the_rest_unharmed(world, file):
    """Of every kind, with row and column."""
    text = sales(
        world,
        *("C,sale,12.50,T-1", 'C,sale,"2,50",T-2', "C,nothing,1.00,T-3", "C,sale,=1+1,T-4", "C,sale"),
        *('C,sale,"1.00,T-6', "abc,sale,1.00,T-7", "C,sale,3.00,T-8"),
    )
    job = imports.run(file, text)
    assert verdicts(job) == [
        (2, "accepted", ""),
        (3, "bad_amount", "amount"),
        (4, "unknown_goal", "goal"),
        (5, "malformed", "amount"),
        (6, "malformed", "amount"),
        (7, "malformed", "amount"),
        (8, "malformed_click_id", "click_id"),
        (9, "accepted", ""),
    ]
    assert counts()[1] == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n", 1).encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace(",", ";").encode(),
    ],
)
def test_files_come_in_many_forms(world, file, spoil):
    """With a mark, in another encoding, with other line ends and delimiters."""
    job = imports.run(file, spoil(sales(world, "C,sale,12.50,T-1", "C,sale,12.50,T-2")))
    assert (job.state, job.counts) == ("done", {"accepted": 2})


def test_a_wrong_byte_spoils_its_own_row(world, file):
    """Written by an old spreadsheet."""
    job = imports.run(
        file, sales(world, "C,sale,1.00,cafX", "C,sale,1.00,T-2").encode().replace(b"X", b"\xe9")
    )
    assert verdicts(job) == [(2, "malformed", "txid"), (3, "accepted", "")]


def test_a_dry_run_stores_nothing(world, file):
    """Bob sees the same verdicts that the import then gives."""
    world.make_postback()
    text = sales(world, "C,sale,12.50,T-1", "C,sale,abc,T-2")
    job = imports.run(file, text, dry_run=True)
    told = verdicts(job)
    assert (counts(), job.counts) == ((0, 0, 0), {"accepted": 1, "bad_amount": 1})
    again = imports.run(file, text)
    assert (again.pk, verdicts(again), again.dry_run) == (job.pk, told, False)
    assert counts() == (2, 1, 1)


def test_the_same_file_again_applies_nothing_twice(world, file):
    """Not even where the goal counts every report."""
    world.bob.patch(f"goals/{world.goal}", {"repeats": "unlimited"})
    text = sales(world, "C,sale,12.50,", "C,sale,12.50,")
    first = imports.run(file, text)
    before = counts()
    again = imports.run(file, text)
    assert (again.pk, again.counts, counts()) == (first.pk, {"accepted": 2}, before)


def test_what_was_refused_is_tried_again(world, file):
    """Bob adds the goal that was missing and runs the file once more."""
    text = sales(world, "C,sale,12.50,T-1", "C,lead,,T-2")
    assert imports.run(file, text).counts == {"accepted": 1, "unknown_goal": 1}
    world.make_goal(code="lead", name="Lead", payout="1.00")
    assert imports.run(file, text).counts == {"accepted": 2}
    assert counts()[1] == 2


def test_an_import_that_was_cut_off_goes_on(world, file, monkeypatch):
    """The process is killed after the second batch; nothing is lost and nothing applied twice."""
    from redound.console.imports import running

    class KilledError(BaseException):
        pass

    def kill(job):
        if job.next_row == 5:
            raise KilledError

    monkeypatch.setattr(running, "AT_ONCE", 2)
    job = imports.begin(file, sales(world, *["C,sale,1.00,"] * 6), "conversions")
    with pytest.raises(KilledError):
        running.run(job.pk, kill)
    assert counts()[1] == 4
    with pytest.raises(running.ConflictError):
        running.run(job.pk)
    monkeypatch.setattr(running, "LOST_AFTER", running.timedelta(0))
    ended = running.run(job.pk)
    assert (ended.counts, counts()[1]) == ({"accepted": 6}, 6)
    assert [row for row, _, _ in verdicts(ended)] == [2, 3, 4, 5, 6, 7]


def test_a_run_that_was_taken_over_stores_nothing_more(world, file, monkeypatch):
    """The fence holds when a slow process wakes up late."""
    from redound.console.imports import running
    from redound.console.imports.models import Import

    monkeypatch.setattr(running, "AT_ONCE", 1)
    job = imports.begin(file, sales(world, "C,sale,1.00,", "C,sale,1.00,"), "conversions")

    def take_over(_):
        Import.objects.update(holder="another")

    with pytest.raises(running.StoppedError):
        running.run(job.pk, take_over)
    assert counts()[1] == 1


def test_a_file_that_was_changed_is_not_run(world, file):
    """Its rows are others than those that were judged."""
    from redound.console.imports import running

    job = imports.begin(file, sales(world, "C,sale,1.00,"), "conversions")
    file.write_text("click_id\nx\n")
    ended = running.run(job.pk)
    assert (ended.state, counts()[1]) == ("failed", 0)
    assert "was changed" in ended.error


# Status changes


def test_statuses_change_conversions_found_in_three_ways(world, file):
    """By our ID, by the txid and by the click; as a manager's change, held back like one."""
    from redound.console.traffic.models import Conversion, Transition

    world.make_postback(statuses=["rejected"])
    one, two, three = convert(world), convert(world, txid="T-2"), convert(world)
    click = Conversion.objects.get(pk=three).click_id
    rows = (f"{one},,,rejected,fraud", ",T-2,,declined,", f",,{click},trash,")
    text = "\n".join(["conversion_id,txid,click_id,status,reason", *rows])
    job = imports.run(file, text, "statuses")
    assert job.counts == {"updated": 3}
    assert set(Conversion.objects.values_list("status", flat=True)) == {"rejected"}
    assert counts()[2] == 3
    made = Transition.objects.filter(actor="manager").order_by("id").values_list("by", "reason")
    assert [*made] == [("Bob", "fraud"), ("Bob", f"import {job.pk}"), ("Bob", f"import {job.pk}")]
    assert {two, three} <= set(job.verdicts.values_list("subject", flat=True))


def test_status_rows_that_cannot_be_done_are_named(world, file):
    """Unknown, unreadable, not allowed, the same again, and one conversion twice in a file."""
    one = convert(world)
    text = (
        f"conversion_id,status\n{one},approved\nT-99,approved\n{one},blue\n"
        f"{one},refunded\n{one},hold\n{one},refunded\n"
    )
    job = imports.run(file, text, "statuses")
    assert [each[1:] for each in verdicts(job)] == [
        ("duplicate", ""),
        ("unknown_conversion", "conversion_id"),
        ("unknown_status", "status"),
        ("updated", ""),
        ("status_change_not_allowed", "status"),
        ("duplicate", ""),
    ]


def test_a_dry_run_of_statuses_changes_nothing(world, file):
    """It says what would happen."""
    from redound.console.traffic.models import Conversion

    one = convert(world)
    job = imports.run(file, f"conversion_id,status\n{one},rejected\n", "statuses", dry_run=True)
    assert (job.counts, Conversion.objects.get().status) == ({"updated": 1}, "approved")


def test_a_dry_run_of_statuses_says_what_the_import_will_say(world, file, monkeypatch):
    """Rows far apart that name the same conversion are judged one after the other."""
    from redound.console.imports import running
    from redound.console.traffic.models import Conversion

    monkeypatch.setattr(running, "AT_ONCE", 2)
    one, two = convert(world), convert(world)
    told = [(one, "rejected"), (two, "refunded"), (one, "rejected"), (one, "approved"), (two, "approved")]
    text = "\n".join(["conversion_id,status", *(",".join(row) for row in told)])
    dry = imports.run(file, text, "statuses", dry_run=True)
    assert dry.counts == {"duplicate": 1, "status_change_not_allowed": 1, "updated": 3}
    assert set(Conversion.objects.values_list("status", flat=True)) == {"approved"}
    found = verdicts(dry)
    assert verdicts(imports.run(file, text, "statuses")) == found


def test_a_change_at_the_same_moment_makes_it_decide_again(world, file, monkeypatch):
    """A report changes the conversion between reading and storing."""
    from redound.console.imports import statuses

    one = convert(world)
    decided, raced = statuses._decided, []

    def race(*arguments):
        found = decided(*arguments)
        if not raced:
            raced.append(1)
            bump(one)
        return found

    monkeypatch.setattr(statuses, "_decided", race)
    assert imports.run(file, f"conversion_id,status\n{one},rejected\n", "statuses").counts == {"updated": 1}


# Activity


def test_activity_is_taken_once(world, file):
    """Acme's daily file, and the same facts in the file of the next day."""
    from redound.console.players.models import Activity

    rows = ("77,2026-11-19,deposit,35.00,EUR,d-1", "77,2026-11-19,wager,x,EUR,w-1")
    text = "\n".join(["player_id,date,type,sum,currency,id", *rows]) + "\n"
    dry = imports.run(file, text, "activity", advertiser=world.acme, dry_run=True)
    assert (dry.counts, Activity.objects.count()) == ({"accepted": 1, "refused": 1}, 0)
    job = imports.run(file, text, "activity", advertiser=world.acme)
    assert verdicts(job) == [(2, "accepted", ""), (3, "refused", "sum")]
    assert imports.run(file, text + "\n", "activity", advertiser=world.acme).counts == {
        "duplicate": 1,
        "refused": 1,
    }
    assert list(Activity.objects.values_list("source", "external_id")) == [("csv", "d-1")]
