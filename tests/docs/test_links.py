"""Links lead somewhere."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, Page, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_link_within_the_project_leads_to_a_file_and_heading(page: Page):
    """A reader who follows a link finds the file, and the heading when the link names one."""
    broken = []
    for link in page.links:
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = Page((page.path.parent / file).resolve()) if file else page
        if not target.path.exists() or (anchor and anchor not in target.anchors):
            broken.append(link)
    assert broken == []


def test_every_page_can_be_reached_from_the_readme():
    """No page of the documentation is an orphan."""
    seen = set()
    todo = [ROOT / "README.md"]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        links = (link.partition("#")[0] for link in Page(path).links)
        files = [(path.parent / link).resolve() for link in links if link and not re.match(r"[a-z]+:", link)]
        todo += [file for file in files if file.suffix == ".md" and file.exists()]
    assert {page.path for page in pages()} - seen == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_no_page_names_a_path_of_one_machine(page: Page):
    """What is written holds for every reader's machine."""
    assert re.findall(r"(?<![\w.])/(?:work|root|home|Users)/\S*", page.text) == []
