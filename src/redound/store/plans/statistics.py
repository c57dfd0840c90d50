"""What counting everything anew stores."""

from __future__ import annotations

from redound.store.plans.steps import Step

_CLEARED = (
    *("clear_network_figures", "clear_offer_figures", "clear_offer_days", "clear_link_figures"),
    *("clear_link_days", "clear_sub_figures", "clear_sub_days", "clear_network_delivery_figures"),
    *("clear_delivery_figures", "clear_delivery_days", "clear_failure_figures"),
    *("clear_counted_conversions", "clear_counted_open", "clear_uncounted"),
)


def rebuild_steps() -> list[Step]:
    """Forget all figures and go back to the first row: the roller counts everything that is stored again.

    The step moves first, so that a portion under way is lost and does not come on top.
    """
    return [
        Step("pass_statistics_step", (), 1),
        *(Step(query, ()) for query in _CLEARED),
        Step("reset_statistics_marks", ()),
    ]
