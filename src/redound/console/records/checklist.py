"""The checklist of a postback: six steps with their evidence, and whom to ask."""

from redound.console.accounts.callers import Caller
from redound.console.forms import Shape
from redound.console.postbacks.models import Postback
from redound.console.render import Values
from redound.console.tools import lint_context
from redound.console.tools.checklist import facts_of
from redound.core.tools.checklist import StepState, check, summary
from redound.core.trace.causes import Language


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


def checked(row: Postback, caller: Caller, language: Language) -> Values:
    """Return the ChecklistShape's values of a postback."""
    facts = facts_of(row, lint_context.context(caller, postback_id=row.pk))
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
