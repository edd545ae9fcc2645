"""The programme's sheets: milestones, spending, decisions and offices in charge."""

from urbandata.sheets import Book

COLUMNS = {
    "milestones": ("measure", "milestone", "planned_on", "done_on"),
    "spending": ("measure", "month", "planned_eur", "spent_eur", "funded_share_pct"),
    "decisions": ("paper_number", "decided_on", "title", "measure"),
    "offices": ("measure", "office", "valid_from", "valid_to"),
}
GERMAN = {
    **{"massnahme": "measure", "maßnahme": "measure", "meilenstein": "milestone"},
    **{"geplant am": "planned_on", "erreicht am": "done_on", "monat": "month"},
    **{"geplant eur": "planned_eur", "ausgegeben eur": "spent_eur"},
    **{"förderanteil %": "funded_share_pct", "vorlage": "paper_number"},
    **{"beschlossen am": "decided_on", "titel": "title", "amt": "office"},
    **{"gültig ab": "valid_from", "gültig bis": "valid_to"},
    **{"meilensteine": "milestones", "ausgaben": "spending", "beschlüsse": "decisions"},
    **{"ämter": "offices"},
}
BOOK = Book(
    columns=COLUMNS,
    optional=frozenset(
        {
            "milestones.done_on",
            "offices.valid_to",
            "spending.funded_share_pct",
            "decisions.measure",  # a decision may concern the whole programme
        }
    ),
    german=GERMAN,
)
