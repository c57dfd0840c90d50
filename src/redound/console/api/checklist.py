"""The checklist of a postback: six steps with their evidence, and whom to ask."""

from django.http import HttpResponse
from ninja import Path, Router

from redound.console.api import judging
from redound.console.api.postbacks import postbacks
from redound.console.api.requests import ApiRequest
from redound.console.api.resources import Values
from redound.console.api.trace import language_of
from redound.console.forms import Shape
from redound.console.tools.checklist import facts_of
from redound.core.tools.checklist import StepState, check, summary

router = Router(tags=["checklist"])


class StepShape(Shape):
    """One step. `state` is done (data show it), todo (nothing does yet) or wrong; `next` is what to do."""

    number: int
    code: str
    state: str
    title: str
    evidence: str
    next: str | None


class ChecklistShape(Shape):
    """How a postback stands. `done` counts the steps that are; `summary` is ready to be sent to `ask`."""

    postback_id: str
    done: int
    steps: list[StepShape]
    ask: str | None
    summary: str


@router.get("/postbacks/{row_id}/checklist", response=ChecklistShape)
def get_checklist(request: ApiRequest, row_id: Path[str], response: HttpResponse) -> Values:
    """Say what is shown to work about a postback, what is not yet, and what to do next."""
    row = postbacks.find(request, row_id)
    language = language_of(request)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    facts = facts_of(row, judging.context(request.caller, postback_id=row.pk))
    steps = check(facts)
    return {
        "postback_id": row.pk,
        "done": sum(step.state is StepState.DONE for step in steps),
        "steps": [
            {
                "number": number,
                "code": step.code,
                "state": step.state.value,
                "title": step.title(language),
                "evidence": step.evidence(language),
                "next": step.advice(language) or None,
            }
            for number, step in enumerate(steps, 1)
        ],
        "ask": facts.manager or None,
        "summary": summary(facts, steps, language),
    }
