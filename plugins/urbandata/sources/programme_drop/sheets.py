"""The programme's sheets: milestones, spending, decisions, offices, operation, components."""

from urbandata.reading.sheets import Book

COLUMNS = {
    "milestones": ("measure", "milestone", "planned_on", "done_on"),
    "spending": ("measure", "month", "planned_eur", "spent_eur", "funded_share_pct"),
    "decisions": ("paper_number", "decided_on", "title", "measure"),
    "offices": ("measure", "office", "valid_from", "valid_to"),
    "operation": ("measure", "paper_number", "decided_on", "starts_on", "budget_eur_per_year"),
    "components": ("measure", "component", "licence", "repository", "published_on"),
}
GERMAN = {
    **{"massnahme": "measure", "maßnahme": "measure", "meilenstein": "milestone"},
    **{"geplant am": "planned_on", "erreicht am": "done_on", "monat": "month"},
    **{"geplant eur": "planned_eur", "ausgegeben eur": "spent_eur"},
    **{"förderanteil %": "funded_share_pct", "vorlage": "paper_number"},
    **{"beschlossen am": "decided_on", "titel": "title", "amt": "office"},
    **{"gültig ab": "valid_from", "gültig bis": "valid_to"},
    **{"meilensteine": "milestones", "ausgaben": "spending", "beschlüsse": "decisions"},
    **{"ämter": "offices", "betrieb": "operation", "bausteine": "components"},
    **{"beginnt am": "starts_on", "eur je jahr": "budget_eur_per_year"},
    **{"baustein": "component", "lizenz": "licence", "quelltext": "repository"},
    **{"veröffentlicht am": "published_on"},
}
BOOK = Book(
    columns=COLUMNS,
    optional=frozenset(
        {
            "milestones.done_on",
            "offices.valid_to",
            "spending.funded_share_pct",
            "components.licence",
            "components.repository",
            "components.published_on",
            "decisions.measure",  # a decision may concern the whole programme
        }
    ),
    german=GERMAN,
)
