"""axe-core on a page: what is ours to mend, and what only Streamlit could."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import axe_playwright_python

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
SEVERE = {"serious", "critical"}


@dataclass(frozen=True, slots=True)
class NotOurs:
    """A rule that elements of Streamlit's own widgets break, and why we cannot change that."""

    rule: str
    selector: str
    why: str


NOT_OURS = (
    NotOurs(
        "list",
        'ul[data-testid="stSidebarNavItems"]',
        "st.navigation puts a div around each group of pages inside its own ul",
    ),
    NotOurs(
        "listitem",
        '[data-testid="stSidebarNavItems"] > div > li',
        "the pages of a group are li inside that div; no option of st.navigation changes it",
    ),
)

RUN = """async listed => {
    const found = await axe.run(document, {resultTypes: ['violations'], elementRef: true});
    const severe = found.violations.filter(v => ['serious', 'critical'].includes(v.impact));
    return {
        measured: found.passes.filter(p => p.id === 'color-contrast').length,
        violations: severe.flatMap(v => v.nodes.map(node => ({
            rule: v.id, impact: v.impact, html: node.html.slice(0, 300),
            why: [...node.any, ...node.all, ...node.none].map(check => check.message).join('; '),
            known: listed.findIndex(l => l[0] === v.id && node.element.matches(l[1])),
        }))),
    };
}"""


@dataclass(frozen=True, slots=True)
class Audit:
    """What axe found: violations of ours in words, and which of ``NOT_OURS`` it met."""

    ours: list[str]
    met: set[NotOurs]
    contrast_was_measured: bool


def audit(page: Any) -> Audit:
    """Run axe-core from the installed wheel; nothing is fetched."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(RUN, [[known.rule, known.selector] for known in NOT_OURS])
    violations = found["violations"]
    return Audit(
        ours=[f"{v['rule']} ({v['impact']}): {v['html']} – {v['why']}"
              for v in violations if v["known"] < 0],
        met={NOT_OURS[v["known"]] for v in violations if v["known"] >= 0},
        contrast_was_measured=found["measured"] > 0,
    )  # fmt: skip
