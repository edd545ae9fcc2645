"""Texts of the overview and of everything that shows KPIs."""

TEXTS: dict[str, tuple[str, str]] = {
    "ueberblick.lead": (
        "Wo stehen die vier Handlungsfelder und neun Maßnahmen der Smart City Dresden?",
        "Where do the four action fields and nine measures of Smart City Dresden stand?",
    ),
    "overview.fields": ("Handlungsfelder", "Action fields"),
    "overview.caption": ("Neun Maßnahmen", "Nine measures"),
    "overview.measure": ("Maßnahme", "Measure"),
    "overview.kpi": ("Leitkennzahl", "Headline indicator"),
    "overview.value": ("Wert", "Value"),
    "overview.course": ("Verlauf", "Course"),
    "kpi.goal": ("Zielwert", "target"),
    "overview.status": ("Bewertung", "Verdict"),
    "overview.age": ("Stand und Alter", "Period and age"),
    "overview.no_headline": ("noch keine Leitkennzahl", "no headline indicator yet"),
    "overview.changed": (
        "Was hat sich seit letztem Monat geändert?",
        "What changed since last month?",
    ),
    "overview.changed_in": (
        "Was hat sich geändert? {month} gegen den Vormonat",
        "What changed? {month} against the month before",
    ),
    "overview.changed_none": (
        "Keine Kennzahl hat sich im letzten vollen Monat stärker bewegt als üblich.",
        "No indicator moved more than usual in the last full month.",
    ),
    "overview.better": ("besser", "better"),
    "overview.worse": ("schlechter", "worse"),
    "overview.decide": ("Was braucht eine Entscheidung?", "What needs a decision?"),
    "overview.decide_none": ("Zurzeit nichts.", "Nothing at present."),
    "overview.no_targets": (
        "{n} von {all} Leitkennzahlen haben keinen beschlossenen Zielwert.",
        "{n} of {all} headline indicators have no decided target.",
    ),
    "overview.no_data": (
        "Für {n} von {all} Kennzahlen fehlen der Stadt die Daten.",
        "The city lacks the data for {n} of {all} indicators.",
    ),
    "field.short": ("HF {n}", "AF {n}"),
    "status.Daten fehlen": ("Daten fehlen", "data missing"),
    "status.noch kein Wert": ("noch kein Wert", "no value yet"),
    "kpi.sparse": ("geringe Abdeckung", "low coverage"),
    "kpi.spark": (
        "Verlauf {name}: {first} ({since}) bis {last} ({until})",
        "Course of {name}: {first} ({since}) to {last} ({until})",
    ),
    "nav.ueberblick": ("Überblick", "Overview"),
    "nav.handlungsfelder": ("Handlungsfelder", "Action fields"),
    "nav.massnahmen": ("Maßnahmen", "Measures"),
    "nav.cleema": ("Cleema", "Cleema"),
    "nav.finanzierung": ("Finanzierung & Meilensteine", "Funding & milestones"),
    "nav.forschung": ("Forschung", "Research"),
    "nav.group.programme": ("Programm", "Programme"),
    "nav.group.subjects": ("Im Einzelnen", "In detail"),
    "nav.group.data": ("Daten", "Data"),
}
