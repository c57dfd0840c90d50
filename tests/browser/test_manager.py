"""Bob's work in a browser: he approves by keyboard, looks as an affiliate, and follows a job to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.process import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.world import Scene
    from tests.receiver import Receiver

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def pending(scene: Scene, count: int) -> list[str]:
    """Let so many visitors convert, to be approved by hand; return the conversions' IDs."""
    made = []
    for number in range(count):
        click = scene.manager.click(scene.code, sub1=f"visitor-{number}")
        answer = scene.manager.report(click_id=click, goal="deposit", amount="100.00", currency="EUR")
        assert answer.status == 200, answer.body
        made.append(str(answer.json["conversion_id"]))
    return made


def statuses(scene: Scene, ids: list[str]) -> list[str]:
    """The statuses of these conversions."""
    return [scene.manager.read(f"conversions/{each}")["status"] for each in ids]


def test_bob_approves_two_of_three_without_a_mouse(
    scene: Scene, tracker: Receiver, sign_in: Callable[..., Any]
):
    """Space ticks, the bar says what it sends, Enter approves; as many callbacks arrive as were promised."""
    scene.postback(tracker.url("/postback"), statuses=["approved"])
    ids = pending(scene, 3)
    tab = sign_in("bob@example.com")
    tab.goto(f"/manage/conversions/?status=pending&affiliate_id={scene.affiliate}")
    assert tab.locator("#bulk button").first.is_disabled()
    boxes = tab.locator("input[name=ids]")
    for number in range(2):
        boxes.nth(number).focus()
        tab.keyboard.press("Space")
    tab.get_by_text("2 selected").wait_for()
    tab.get_by_text("approving sends 2 postbacks").wait_for()
    tab.get_by_role("button", name="Approve").focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("2 conversions are now: Approved.").wait_for()
    assert statuses(scene, ids) == ["pending", "approved", "approved"]
    eventually(lambda: len(tracker.requests) == 2, what="two callbacks arrive")
    assert f"affiliate_id={scene.affiliate}" in tab.url


def test_bob_rejects_with_a_reason(scene: Scene, sign_in: Callable[..., Any]):
    """The page between asks for it; the history has it."""
    (only,) = pending(scene, 1)
    tab = sign_in("bob@example.com")
    tab.goto(f"/manage/conversions/?status=pending&affiliate_id={scene.affiliate}")
    tab.check("input[name=ids]")
    tab.get_by_role("button", name="Reject…").click()
    tab.get_by_role("heading", name="Change to: Rejected").wait_for()
    tab.fill("textarea[name=reason]", "Two accounts of one person")
    tab.get_by_role("button", name="Do it").click()
    tab.get_by_text("1 conversion is now: Rejected.").wait_for()
    tab.goto(f"/manage/conversions/{only}/")
    tab.get_by_text("Two accounts of one person").wait_for()


def test_a_job_is_counted_confirmed_and_followed_to_its_end(scene: Scene, sign_in: Callable[..., Any]):
    """Everything that a filter finds; the page goes on by itself, in a process of its own."""
    ids = pending(scene, 4)
    tab = sign_in("bob@example.com")
    tab.goto(f"/manage/conversions/?status=pending&affiliate_id={scene.affiliate}")
    tab.get_by_text("All of these").click()
    tab.get_by_role("button", name="Count them").click()
    tab.get_by_text("4 rows are meant.").wait_for()
    assert statuses(scene, ids) == ["pending"] * 4
    tab.get_by_role("button", name="Do it").click()
    tab.get_by_text("4 / 4").wait_for()
    tab.locator(".tag.done").wait_for()
    assert statuses(scene, ids) == ["approved"] * 4


def test_bob_looks_as_an_affiliate_and_comes_back(scene: Scene, sign_in: Callable[..., Any]):
    """A banner says whose portal it is; his own is one button away."""
    tab = sign_in("bob@example.com")
    tab.goto(f"/manage/affiliates/{scene.affiliate}/")
    tab.get_by_role("button", name="View as").click()
    tab.locator(".banner", has_text="You are looking at the portal as").wait_for()
    assert "/manage/" not in tab.url
    tab.get_by_role("button", name="Back to my portal").click()
    tab.wait_for_url("**/manage/**")


def test_bob_sets_a_network_up_from_nothing(scene: Scene, sign_in: Callable[..., Any]):
    """Advertiser with a token, brand, offer, goal: each page leads to the next."""
    tab = sign_in("bob@example.com")
    tab.goto("/manage/advertisers/new/")
    tab.fill("input[name=name]", "Umbra")
    tab.get_by_role("button", name="Save").click()
    tab.get_by_text("Whoever knows a click ID can report").wait_for()
    tab.get_by_role("button", name="Make one").first.click()
    tab.get_by_text("Copy it now").wait_for()
    assert "token=" in tab.locator("#report-url").inner_text()
    tab.fill("input[aria-label='Name of the brand']", "Umbra Play")
    tab.get_by_role("button", name="New brand").click()
    tab.locator("main a[href*='brand_id=']").click()
    tab.fill("input[name=name]", "Umbra Slots")
    tab.fill("input[name=landing_url]", "https://umbra.example.com/?c={click_id}")
    tab.get_by_role("button", name="Save").click()
    tab.fill("input[name=code]", "ftd")
    tab.fill("input[name=payout]", "25.00")
    tab.get_by_role("button", name="Save").click()
    tab.get_by_role("link", name="ftd").wait_for()
    assert tab.get_by_text("25.00 EUR").count() == 1


def test_a_phone_in_russian_can_approve_too(scene: Scene, sign_in: Callable[..., Any]):
    """390 px wide: nothing is cut off, and the words are Russian."""
    (only,) = pending(scene, 1)
    tab = sign_in("bob@example.com", locale="ru-RU", viewport={"width": 390, "height": 844})
    tab.goto(f"/manage/conversions/?status=pending&affiliate_id={scene.affiliate}")
    tab.check("input[name=ids]")
    tab.get_by_text("Выбрана 1").wait_for()
    tab.get_by_role("button", name="Одобрить").click()
    tab.get_by_text("1 конверсия теперь: Одобрена.").wait_for()
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert statuses(scene, [only]) == ["approved"]
