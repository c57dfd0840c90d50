"""What a text can be, and what a trace holds."""

from __future__ import annotations

import pytest

from redound.core.ids import mint_click_id
from redound.core.trace.sub_values import index_rows
from redound.store.plans.steps import Step
from tests.console.traffic import attempt, convert, open_click, perform, report
from tests.trace.asking import code, trace


def an_hour_ago() -> int:
    """Milliseconds."""
    from redound.console.clock import now_ms

    return now_ms() - 3_600_000


def gone_click(world, link_id: str) -> str:
    """Mint a genuine ID for a click that is not stored."""
    from redound.console import runtime
    from redound.console.catalog.models import Link

    number = Link.objects.get(pk=link_id).number
    return mint_click_id(runtime.vault().click_keys, an_hour_ago(), number, b"vanished")


def test_the_whole_story(world):
    """Click, report, conversion with its transition, evaluation, delivery with its attempt, diagnosis."""
    postback = world.make_postback()
    click = open_click(world)
    decision = report(click, txid="T-1")
    tried = attempt(decision.deliveries[0].id)
    seen = trace(world.alice, click)
    assert seen["click"]["subs"] == {"sub1": "TRACKER-1"}
    assert [each["verdict"] for each in seen["reports"]] == ["accepted"]
    assert [each["to"] for each in seen["conversions"][0]["transitions"]] == ["approved"]
    assert [(each["postback_id"], each["fired"], each["reason"]) for each in seen["evaluations"]] == [
        (postback["id"], True, "fires")
    ]
    [delivery] = seen["deliveries"]
    assert (delivery["state"], [each["id"] for each in delivery["attempts"]]) == ("delivered", [tried])
    assert delivery["attempts"][0]["response"]["status"] == 200
    diagnosis = seen["diagnosis"]
    assert (diagnosis["code"], diagnosis["tone"]) == ("delivered", "fine")
    assert diagnosis["evidence"]["delivery_id"] == delivery["id"]
    assert diagnosis["docs"] == "docs/troubleshooting.md#delivered"
    assert [each["kind"] for each in seen["story"]] == [
        *("click", "report", "conversion", "fired", "attempt", "delivered")
    ]


@pytest.mark.parametrize("case", [str, str.upper])
def test_a_click_is_found_by_its_id_in_any_case(world, case):
    """And with what came along when it was copied."""
    click = open_click(world)
    assert trace(world.alice, f' "{case(click)}" ')["click"]["click_id"] == click


def test_a_click_is_found_by_the_address_that_it_led_to(world):
    """Alice pastes the landing page's address; nothing is wrong with the ID in it."""
    click = open_click(world)
    seen = trace(world.alice, f"https://shop.example.com/welcome?click_id={click}&lang=en")
    assert (seen["click"]["click_id"], code(seen)) == (click, "never_reported")


def test_each_id_of_the_traffic_leads_to_the_click(world):
    """Conversion, transition, delivery, attempt, report, txid."""
    world.make_postback()
    click = open_click(world)
    decision = report(click, txid="T-1")
    delivery = decision.deliveries[0].id
    tried = attempt(delivery)
    kinds = {
        decision.outcome.conversion.id: "conversion",
        decision.outcome.transition.id: "conversion",
        delivery: "delivery",
        tried: "attempt",
        decision.incoming.report_id: "report",
        "T-1": "txid",
        click: "click",
        "TRACKER-1": "sub_value",
    }
    for text, kind in kinds.items():
        seen = trace(world.alice, text)
        assert (seen["query"]["kind"], seen["click"]["click_id"]) == (kind, click), text


def test_a_sub_value_is_found_by_the_index(world):
    """In any case, in any parameter, with its slot named; the clicks need not be recent."""
    from django.db import connection

    clicks = [open_click(world, params={"banner": "Red-Banner-1", "sub1": f"n-{n}"}) for n in range(2)]
    rows = index_rows((click, an_hour_ago(), {"banner": "Red-Banner-1"}) for click in clicks)
    perform([Step("add_sub_value", row) for row in rows])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE marks SET value = %s", ["zzz"])
    for person in (world.bob, world.alice):
        seen = trace(person, "red-banner-1")
        assert seen["query"]["slot"] == "banner"
        assert seen["query"]["clicks"] == 2
        assert seen["click"]["click_id"] == max(clicks)
    assert code(trace(world.charlie, "red-banner-1")) == "nothing_known"


def test_a_sub_value_is_found_at_once(world):
    """MYTEST123 was clicked a moment ago and is not noted yet."""
    click = open_click(world, params={"sub1": "MYTEST123"})
    for person in (world.bob, world.alice):
        assert trace(person, "MYTEST123")["click"]["click_id"] == click


def test_of_several_clicks_with_a_value_the_converted_one_is_told(world):
    """A visitor who came twice: the story is where the conversion is."""
    first = open_click(world, params={"sub1": "same-1"})
    open_click(world, params={"sub1": "same-1"})
    report(first)
    seen = trace(world.alice, "same-1")
    assert (seen["click"]["click_id"], seen["query"]["clicks"]) == (first, 2)


def test_a_click_id_of_ours_that_is_gone_tells_its_link_and_its_age(world):
    """The ID dates itself."""
    gone = gone_click(world, world.link)
    for person in (world.bob, world.alice):
        seen = trace(person, gone)
        assert code(seen) == "id_not_stored"
        assert seen["query"]["link_id"] == seen["diagnosis"]["evidence"]["link_id"] == world.link
        assert seen["query"]["made_at"]
        assert seen["click"] is None
    assert code(trace(world.charlie, gone)) == "nothing_known"


def test_what_became_of_an_id_is_said(world):
    """Cut, lengthened, altered, forged, a macro, unknown."""
    click = open_click(world)
    said = {
        click[:32]: "id_cut",
        f"{click}&sub1=x": "id_lengthened",
        click[:-4] + ("0000" if click[-4:] != "0000" else "1111"): "id_altered",
        "7" * 40: "id_forged",
        "[CLICKID]": "asked_macro",
        "nobody knows this": "nothing_known",
        "dlv_" + "0" * 28: "nothing_known",
    }
    for text, expected in said.items():
        assert code(trace(world.alice, text)) == expected, text


def test_a_value_that_came_as_a_click_id_is_found(world):
    """Bob has the value that the advertiser sent."""
    report("order-4711")
    seen = trace(world.bob, "order-4711")
    assert (seen["query"]["kind"], code(seen)) == ("received", "report_other_id")
    assert code(trace(world.alice, "order-4711")) == "nothing_known"


def test_a_refused_report_is_found_by_its_txid(world):
    """It made no conversion, and Alice's click is known."""
    click = open_click(world)
    report(click, txid="T-9", goal="nonsense")
    seen = trace(world.alice, "T-9")
    assert (seen["query"]["kind"], code(seen)) == ("txid", "report_unknown_goal")


def test_the_sentences_follow_the_language_asked_for(world):
    """Accept-Language, else the user's own, else English."""
    click = open_click(world)
    russian, english = trace(world.bob, click, "ru-RU"), trace(world.bob, click, "en")
    assert russian["diagnosis"]["code"] == english["diagnosis"]["code"]
    assert russian["diagnosis"]["text"] != english["diagnosis"]["text"]
    assert russian["story"][0]["text"].startswith("Клик")
    world.bob_user.language = "ru"
    world.bob_user.save()
    assert world.bob.get(f"trace?q={click}").headers["Content-Language"] == "ru"
    assert (
        world.bob.get(f"trace?q={click}", Accept_Language="de, en;q=0.5").headers["Content-Language"] == "en"
    )


@pytest.mark.parametrize("query", ["", "q=", "q=%20"])
def test_nothing_to_trace_is_an_error(world, query):
    """A question is needed."""
    assert world.bob.get(f"trace?{query}").status == 422


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE clicks; --", "\x00", "%", "_", "%FF", "{}", "😀" * 100, "a" * 500, "\\", '"']
)
def test_any_text_may_be_asked_for(world, text):
    """Nothing breaks, nothing is found."""
    answer = world.bob.ask("GET", f"trace?q={__import__('urllib.parse').parse.quote(text)}")
    assert answer.status in {200, 422}


def test_a_trace_is_a_bounded_number_of_queries(world, django_queries):
    """However much happened to the click."""
    world.make_postback()
    click = open_click(world)
    report(click)
    few = django_queries(lambda: trace(world.bob, click))
    for number in range(5):
        world.make_postback(name=f"Tracker {number}", url=f"http://127.0.0.1:9000/{number}?c={{sub1}}")
        report(click, status="rejected" if number % 2 else "approved", txid=f"T-{number}")
    many = django_queries(lambda: trace(world.bob, click))
    assert many <= few + 4
    assert many <= 40


def test_what_the_trackers_documentation_says_is_cited(world):
    """Alice's URL is recognisably Keitaro's; one that is nobody's has no notes."""
    known = world.make_postback(url="http://127.0.0.1:9000/ab12cd/postback?subid={sub1}&status={status}")[
        "id"
    ]
    world.make_postback(url="http://127.0.0.1:9000/mine?x={sub1}")
    (tracker,) = trace(world.alice, convert(world))["trackers"]
    assert (tracker["postback_id"], tracker["slug"]) == (known, "keitaro")
    assert any("rebill" in note for note in tracker["notes"])
    assert trace(world.alice, open_click(world))["trackers"] == []
