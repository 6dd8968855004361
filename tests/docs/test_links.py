"""Links between the pages lead to a file that is there, and every page can be reached from the index."""

import re

from tests.docs.pages import ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
COMING = {"tiers.md"}
"""Pages that come with what they describe: links to them are there before."""
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_every_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in LINK.findall(page.read_text())
        if "://" not in target and target not in COMING and not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    named = set(LINK.findall(index.read_text()))
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {index.name} - named == set()


def test_every_command_of_the_makefile_that_the_readme_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)\b(?=[` ]|$)", (ROOT / "README.md").read_text()))
    assert named <= targets
