"""Texts of the page on money and milestones."""

TEXTS: dict[str, tuple[str, str]] = {
    "finance.lead": (
        "Was ist ausgegeben, was ist bewilligt und beansprucht, was ist geschafft, was steht aus?",
        "What has been spent, what is granted and used, what is done and what is still to come?",
    ),
    "finance.millions": ("{n} Mio. €", "€{n}m"),
    "finance.thousands": ("{n} Tsd. €", "€{n}k"),
    "finance.grant_of": ("davon Zuschuss {grant}", "of which grant {grant}"),
    "finance.drawn": ("Zuschuss in Anspruch genommen", "Grant used"),
    "finance.time": ("Zeit vergangen", "Time passed"),
    "finance.unknown": ("nicht bekannt", "not known"),
    "finance.source": (
        "Kosten und Zuschuss: {source}. In Anspruch genommen: Ausgaben mal Förderanteil, "
        "Stand {until}.",
        "Cost and grant: {source}. Used: spending times the share that is granted, as of {until}.",
    ),
    "finance.no_funding": (
        "Dieser Datenstand enthält keine Angaben zur Förderung.",
        "This build holds nothing on the funding.",
    ),
    "finance.course": ("Ausgaben gegen Plan", "Spending against plan"),
    "finance.pick": ("Programm oder Maßnahme", "Programme or measure"),
    "finance.programme": ("Ganzes Programm", "Whole programme"),
    "finance.course_title": (
        "Ausgaben und Plan, aufgelaufen: {name}",
        "Spending and plan, cumulated: {name}",
    ),
    "finance.unit": ("Mio. €", "€ million"),
    "finance.no_spending": (
        "Es liegen noch keine Angaben zu Ausgaben vor. Sie kommen als Tabelle über den Eingang "
        "programme_drop.",
        "No spending is known yet. It arrives as a sheet in the inbox programme_drop.",
    ),
    "finance.no_forecast": (
        "Für eine Prognose sind zu wenige Monate bekannt.",
        "Too few months are known for a forecast.",
    ),
    "finance.forecast_note": (
        "Prognose: weiter wie im Mittel der letzten {n} Monate; Fläche: wie im schwächsten und "
        "stärksten dieser Monate. Nach dem Ende der Phase nur, wenn die Option gezogen wird.",
        "Forecast: on as in the mean of the last {n} months; band: as in the weakest and strongest "
        "of them. After the end of the phase only if the option is taken.",
    ),
    "finance.nothing_spent": ("Noch keine Ausgabe bekannt.", "No spending known yet."),
    "finance.summary": (
        "Bis {month} ausgegeben: {spent} von geplanten {planned} ({share}).",
        "Spent until {month}: {spent} of {planned} planned ({share}).",
    ),
    "finance.forecast_summary": (
        "Prognose zum {end}: {spent} (Spanne {low} bis {high}).",
        "Forecast for {end}: {spent} (range {low} to {high}).",
    ),
    "finance.plan": ("Plan", "Plan"),
    "finance.spent": ("ausgegeben", "spent"),
    "finance.forecast": ("Prognose", "forecast"),
    "finance.phase_end": ("Ende der Phase", "end of phase"),
    "finance.planned_eur": ("Plan im Monat (€)", "Plan of the month (€)"),
    "finance.spent_eur": ("Ausgaben im Monat (€)", "Spending of the month (€)"),
    "finance.planned_cumulated_eur": ("Plan aufgelaufen (€)", "Plan cumulated (€)"),
    "finance.spent_cumulated_eur": ("Ausgaben aufgelaufen (€)", "Spending cumulated (€)"),
    "finance.grant_cumulated_eur": ("Zuschuss aufgelaufen (€)", "Grant cumulated (€)"),
    "finance.measures": ("Maßnahmen im Vergleich", "Measures compared"),
    "finance.measures_title": (
        "Ausgaben der Maßnahmen gegen ihren Plan",
        "Spending of the measures against their plan",
    ),
    "finance.measures_note": (
        "Plan und Ausgaben bis zum letzten Monat, dessen Ausgaben bekannt sind.",
        "Plan and spending up to the last month whose spending is known.",
    ),
    "finance.col.measure": ("Maßnahme", "Measure"),
    "finance.col.budget": ("Budget", "Budget"),
    "finance.col.planned_to_date": ("Plan bis zum Stand", "Plan up to as-of month"),
    "finance.col.spent_to_date": ("Ausgegeben", "Spent"),
    "finance.col.share": ("Anteil am Plan", "Share of plan"),
    "finance.col.grant": ("Zuschuss", "Grant"),
    "finance.col.as_of": ("Stand", "As of"),
    "miles.section": ("Meilensteine", "Milestones"),
    "miles.title": ("Meilensteine nach Maßnahme", "Milestones by measure"),
    "miles.none": (
        "Es liegen noch keine Meilensteine vor. Sie kommen als Tabelle über den Eingang "
        "programme_drop.",
        "No milestones are known yet. They arrive as a sheet in the inbox programme_drop.",
    ),
    "miles.note": (
        "Gezeichnet ist der Tag, an dem ein Meilenstein erreicht wurde, sonst der geplante. "
        "Senkrechte Linie: Stand der Angaben.",
        "Drawn is the day a milestone was reached, else the planned one. Vertical line: date of "
        "the information.",
    ),
    "miles.in_time": ("rechtzeitig erreicht", "reached in time"),
    "miles.late": ("verspätet erreicht", "reached late"),
    "miles.overdue": ("überfällig", "overdue"),
    "miles.open": ("steht noch aus", "still to come"),
    "miles.overdue_title": ("Überfällig", "Overdue"),
    "miles.col.measure": ("Maßnahme", "Measure"),
    "miles.col.milestone": ("Meilenstein", "Milestone"),
    "miles.col.first_planned": ("zuerst geplant", "first planned"),
    "miles.col.planned": ("geplant", "planned"),
    "miles.col.done": ("erreicht", "reached"),
    "miles.col.delay": ("Verzug", "Delay"),
    "miles.col.state": ("Stand", "State"),
    "miles.col.changes": ("Änderungen am Plan", "Changes of plan"),
}
