"""The README's diagram and tables are those that the code draws, and what it links to is there."""

import re

from cli.readme import README, with_current_parts


def test_the_drawn_parts_are_current():
    text = README.read_text("utf-8")
    assert text == with_current_parts(text), "run `make docs`"


def test_every_drawn_part_is_there_and_filled():
    text = README.read_text("utf-8")
    for name in ("cycle", "transitions", "flows", "settings", "commands"):
        part = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
        assert part is not None and len(part[1]) > 200, name


def test_links_into_the_project_lead_somewhere():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README.read_text("utf-8")):
        assert (README.parent / target).exists(), target
