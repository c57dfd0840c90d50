"""Lint, parse and translate a URL: nothing here is stored or sent."""

from ninja import Router

from redound.console.api.either import answers
from redound.console.records.diagnostics import (
    LintForm,
    LintShape,
    ParseForm,
    ParseShape,
    TranslateForm,
    TranslationShape,
    linted,
    parsed,
    translated,
)

router = Router(tags=["diagnostics"])
answers(router, "lint", LintForm, LintShape, linted)
answers(router, "parse", ParseForm, ParseShape, parsed)
answers(router, "translate", TranslateForm, TranslationShape, translated)
