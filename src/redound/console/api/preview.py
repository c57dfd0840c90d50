"""Preview: which postbacks would fire for a click and goal, or a new status; nothing is stored or sent."""

from ninja import Router

from redound.console.api.either import answers
from redound.console.records.preview import PreviewForm, PreviewShape, previewed

router = Router(tags=["preview"])
answers(router, "preview", PreviewForm, PreviewShape, previewed)
