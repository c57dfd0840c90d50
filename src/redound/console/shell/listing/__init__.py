"""Lists as pages: what every table of both portals has in common.

    POSTBACKS = Listing(page="postbacks", source=postbacks, filters=PostbackFilters, columns=(…), tabs=(…))

    @page
    def postbacks(request: PageRequest) -> HttpResponse:
        return POSTBACKS.answer(request, "pages/postbacks/list.html", {…})

The template extends `shell/listing/page.html`. Filters stand in the URL under the API's names; everything
works without JavaScript, and with htmx the list alone is exchanged.
"""

from __future__ import annotations

from redound.console.shell.listing.answering import Listing, wants_part
from redound.console.shell.listing.spec import Chip, Column, Count, Looked, Place, Tab

__all__ = ["Chip", "Column", "Count", "Listing", "Looked", "Place", "Tab", "wants_part"]
