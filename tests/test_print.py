"""The teacher's guides on paper: two pages each at most, on A4 and on Letter."""

import re

from helpers import lessons
from lessons.teaching import pack

import pytest
from test_browser import browser

__all__ = ["browser"]  # a fixture


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_guide_takes_two_pages_at_most(paper, browser):
    page = browser.new_page()
    taken = {}
    for lesson in lessons.names():
        page.set_content(pack.guide_page(lesson))
        pdf = page.pdf(format=paper, prefer_css_page_size=False, print_background=True)
        taken[lesson] = len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
    page.close()
    assert set(taken.values()) <= {1, 2}, taken
