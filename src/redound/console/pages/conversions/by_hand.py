"""A conversion made by hand: what an advertiser says on the telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from redound.console.errors import ConflictError, Fault, InvalidError
from redound.console.pages.conversions.changes import only_managers
from redound.console.records.making import ConversionNew, make
from redound.console.shell.forms import NONE, Faults, faults_of, given, read
from redound.console.shell.page import here, page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from redound.console.shell.page import PageRequest

FIELDS = ("click_id", "goal", "status", "amount", "currency", "txid", "customer_id", "reason")


@page
def new(request: PageRequest) -> HttpResponse:
    """Make a conversion of a known click; postbacks fire as for a report."""
    only_managers(request)
    typed: dict[str, Any] = {name: request.GET.get(name, "") for name in FIELDS}
    faults: Faults = NONE
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in FIELDS}
        try:
            made = make(read(ConversionNew, given(request.POST, *FIELDS)), request.caller)
        except InvalidError as error:
            faults = faults_of(error)
        except ConflictError as error:
            faults = faults_of(InvalidError([Fault("/click_id", error.code, error.detail)]))
        else:
            messages.success(request, _("The conversion was made."))
            return redirect(here(request, "conversion", made))
    context = {"typed": typed, "faults": faults, "elsewhere": faults.elsewhere(FIELDS)}
    return render(request, "pages/conversion_new.html", context)
