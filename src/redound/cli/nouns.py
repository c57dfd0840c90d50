"""The configuration's nouns in the order in which they refer to each other, for export and import.

Each is read through the API's own shapes and written through its own forms, so that a file may say what the
API may say and is checked by the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redound.cli.output import CommandError, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model, QuerySet

    from redound.console.accounts.callers import Caller
    from redound.console.errors import Fault
    from redound.console.forms import Form

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Noun:
    """One kind of configuration.

    `extra` are columns beyond the form that a new row takes over; `left_out` are fields that are credentials
    or name what is not configuration (a user).
    `without_secrets` makes the fields of a new row whose credentials the file does not have.
    """

    name: str
    model: type[Model]
    visible: Callable[[Caller], QuerySet[Any]]
    shape: Callable[[Any, Caller], Values]
    new: type[Form]
    edit: type[Form]
    fill: Callable[[Any, Any, Caller], Iterator[Fault]]
    extra: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()
    without_secrets: Callable[[Values], Values] | None = None

    def export(self, caller: Caller) -> list[Values]:
        """Return every row as a file says it: what a form takes, credentials left out."""
        return [self._values(row, caller) for row in self.visible(caller).order_by("pk")]

    def _values(self, row: Any, caller: Caller) -> Values:
        shown = self.shape(row, caller)
        names = [name for name in self.new.model_fields if name in shown and name not in self.left_out]
        extra = {name: getattr(row, name) for name in self.extra}
        return {"id": row.pk, **{name: shown[name] for name in names}, **extra}

    def bring(self, values: Values, caller: Caller) -> str:
        """Create or change the row of this ID; return "create", "edit" or "" when it is so already.

        InvalidError when the form's rules refuse it, CommandError when the file is not in form.
        """
        from redound.console.writing import write

        row_id = str(values.get("id", ""))
        fields = {name: value for name, value in values.items() if name != "id" and name not in self.extra}
        row = self.model._default_manager.filter(pk=row_id).first()
        if row is None:
            extra = {name: values[name] for name in self.extra if name in values}
            fresh = self.model(**({"id": row_id} if row_id else {}), **extra)
            if self.without_secrets is not None:
                fields = self.without_secrets(fields)
            write(fresh, self._form(self.new, row_id, fields), self.fill, caller)
            return "create"
        before = self._values(row, caller)
        if {**before, **values} == before:
            return ""
        write(row, self._form(self.edit, row_id, fields), self.fill, caller)
        return "edit"

    def _form(self, form: type[Form], row_id: str, fields: Values) -> Form:
        from pydantic import ValidationError

        try:
            return form(**fields)
        except ValidationError as error:
            where = "; ".join(f"{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise CommandError(
                f"{self.name} {row_id}: {where}", "Correct the file and run the command again."
            ) from error


def nouns() -> tuple[Noun, ...]:
    """Return all nouns, those that others refer to first. Needs Django set up."""
    from redound.console.catalog import forms, models, parties, promotions, shapes, visibility

    return (
        Noun(
            "advertisers", models.Advertiser, visibility.advertisers, shapes.advertiser,
            forms.AdvertiserNew, forms.AdvertiserEdit, parties.fill_advertiser,
            left_out=frozenset({"tokens", "path_keys", "signing_secrets"}),
        ),
        Noun(
            "brands", models.Brand, visibility.brands, shapes.brand,
            forms.BrandNew, forms.BrandEdit, parties.fill_brand,
        ),
        Noun(
            "offers", models.Offer, visibility.offers, shapes.offer,
            forms.OfferNew, forms.OfferEdit, promotions.fill_offer,
        ),
        Noun(
            "goals", models.Goal, visibility.goals, shapes.goal,
            forms.GoalNew, forms.GoalEdit, promotions.fill_goal,
        ),
        Noun(
            "affiliates", models.Affiliate, visibility.affiliates, shapes.affiliate,
            forms.AffiliateNew, forms.AffiliateEdit, parties.fill_affiliate,
            left_out=frozenset({"manager_id"}),
        ),
        Noun(
            "campaigns", models.Campaign, visibility.campaigns, shapes.campaign,
            forms.CampaignNew, forms.CampaignEdit, parties.fill_campaign,
        ),
        Noun(
            "links", models.Link, visibility.links, shapes.link,
            forms.LinkNew, forms.LinkEdit, parties.fill_link, extra=("number",),
        ),
        _postbacks(),
        _reward_plans(),
        _gallery(),
    )  # fmt: skip


def _postbacks() -> Noun:
    from redound.console.postbacks import filling, forms, models, shapes, visibility

    return Noun(
        "postbacks", models.Postback, visibility.postbacks, shapes.postback,
        forms.PostbackNew, forms.PostbackEdit, filling.fill_postback, without_secrets=_off_without_secrets,
    )  # fmt: skip


def _reward_plans() -> Noun:
    from redound.console.players import filling, forms, models, shapes, visibility

    return Noun(
        "reward-plans", models.RewardPlan, visibility.reward_plans, shapes.reward_plan,
        forms.RewardPlanNew, forms.RewardPlanEdit, filling.fill_reward_plan,
    )  # fmt: skip


def _gallery() -> Noun:
    from redound.console.records import gallery
    from redound.console.trackers import entries, filling, forms, models

    def shape(row: Any, caller: Caller) -> Values:
        del caller
        return gallery.shape(row)

    return Noun(
        "gallery", models.TrackerEntry, entries.visible, shape,
        forms.TrackerNew, forms.TrackerEdit, filling.fill_tracker,
    )  # fmt: skip


def _off_without_secrets(fields: Values) -> Values:
    """Leave out the secrets that the file does not have; a postback that lacks one starts switched off."""
    kept = dict(fields)
    for noun in ("params", "headers"):
        pairs = fields.get(noun) or []
        kept[noun] = [pair for pair in pairs if not (pair.get("secret") and pair.get("value") is None)]
    auth = fields.get("auth") or {}
    if auth.get("has_value") and not (auth.get("password") or auth.get("token")):
        kept["auth"] = None
    if any(kept.get(name) != fields.get(name) for name in ("params", "headers", "auth")):
        kept["enabled"] = False
        say(f"Postback {fields.get('name')}: its credentials are not in the file, so it starts switched off.")
    return kept
