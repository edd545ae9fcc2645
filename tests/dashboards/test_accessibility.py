"""The accessibility check itself: it finds what is wrong, and excuses no more than it must."""

from __future__ import annotations

import pytest

from tests.dashboards import serving
from tests.dashboards.accessibility import NOT_OURS, audit
from tests.dashboards.browsing import serving_app

pytestmark = pytest.mark.xdist_group("browser")
FOCUS_IS_SEEN = """(style => style.outlineStyle !== "none" || style.boxShadow !== "none")
    (getComputedStyle(document.activeElement))"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    data = tmp_path_factory.mktemp("accessible")
    serving.publish(data / "serving")
    with serving_app(data) as address:
        yield address


@pytest.fixture
def opened(address, watch):
    """The page with the most widgets."""
    watch.page.goto(f"{address}/umwelt?lang=de")
    watch.settle()
    return watch


def test_every_excuse_is_still_needed(opened):
    """Once Streamlit mends one of them, it has to leave the list."""
    assert audit(opened.page).met == set(NOT_OURS)


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        ("image-alt", "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>"),
        ("color-contrast", "<p style='color:#bbb;background:#fff'>blass</p>"),
        ("button-name", "<button></button>"),
        ("label", "<input type='text'>"),
    ],
)
def test_what_is_wrong_is_found(opened, rule, bad):
    opened.page.evaluate(
        "bad => document.querySelector('[data-testid=stMain] .lead')"
        ".insertAdjacentHTML('afterend', bad)",
        bad,
    )
    assert [found.split(" ")[0] for found in audit(opened.page).ours] == [rule]


def test_filters_work_without_a_mouse(opened):
    """Tab to the period and choose with keys: the page and the URL follow."""
    page = opened.page
    assert "period=30" in page.url
    reached = "!!document.activeElement.closest('.st-key-widget_period')"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(reached):
            break
    assert page.evaluate(reached), "the period is not in the tab order"
    assert page.evaluate(FOCUS_IS_SEEN)
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        if page.evaluate("document.activeElement.innerText").startswith("90"):
            break
    page.keyboard.press("Enter")
    page.wait_for_function("location.search.includes('period=90')", timeout=15_000)
    opened.settle()
    assert opened.problems == []
