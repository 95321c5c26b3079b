"""What is documented is what there is."""

import re

import pytest
from django.conf import settings

DOCS = settings.BASE_DIR / "docs"


def test_every_environment_variable_is_documented():
    read = set()
    for path in (settings.BASE_DIR / "summit" / "settings").glob("*.py"):
        read |= set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', path.read_text()))
    documented = set(re.findall(r"`([A-Z_]+)`", (DOCS / "operations.md").read_text()))

    assert read
    assert read - documented == set()


@pytest.mark.parametrize(
    "path", [settings.BASE_DIR / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: path.name
)
def test_links_between_documents_lead_somewhere(path):
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())

    missing = [target for target in targets if not (path.parent / target).exists()]

    assert missing == []


def test_every_decision_is_listed():
    decisions = {path.name for path in (DOCS / "decisions").glob("0*.md")}
    listed = set(re.findall(r"\((0\d+-[\w-]+\.md)\)", (DOCS / "decisions" / "README.md").read_text()))

    assert listed == decisions


def test_make_targets_named_in_the_readme_exist():
    targets = set(re.findall(r"^([a-z-]+):", (settings.BASE_DIR / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", (settings.BASE_DIR / "README.md").read_text(), re.MULTILINE))

    assert named - targets == set()
