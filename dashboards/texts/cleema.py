"""Texts of the internal page on Cleema."""

TEXTS: dict[str, tuple[str, str]] = {
    "cleema.lead": (
        "Was die Klimaschutz-App an Emissionen vermeiden hilft, wie sicher das ist und wer "
        "mitmacht. Alle Ersparnisse sind Schätzungen aus Selbstauskünften.",
        "What the climate app helps to avoid, how sure that is, and who takes part. All savings "
        "are estimates from what people report themselves.",
    ),
    "cleema.none": (
        "In diesem Datenbestand gibt es noch keine ausgewerteten Antworten aus Cleema.",
        "These data hold no assessed answers from Cleema yet.",
    ),
    "cleema.total": (
        "Vermieden seit Beginn der Umsetzungsphase (geschätzt)",
        "Avoided since the implementation phase began (estimated)",
    ),
    "cleema.estimated": (
        "kein Teil der BISKO-Bilanz der Stadt",
        "not part of the city's BISKO balance",
    ),
    "cleema.active": ("Aktive", "Active"),
    "cleema.people": ("Personen", "people"),
    "cleema.last_30_days": (
        "mit mindestens einer Antwort in 30 Tagen",
        "with at least one answer in 30 days",
    ),
    "cleema.assessed": ("Bewertete Challenges", "Assessed challenges"),
    "cleema.challenges": ("Challenges", "challenges"),
    "cleema.assessed_note": (
        "mit Handlung und Faktor; die anderen zählen 0",
        "with action and factor; the others count 0",
    ),
    "cleema.self_reported": ("Allein selbst berichtet", "Self-reported only"),
    "cleema.self_reported_note": (
        "der Erfolge beruhen nur auf dem Wort der Person",
        "of the successes rest on the person's word alone",
    ),
    "cleema.course": ("Vermiedene Emissionen", "Avoided emissions"),
    "cleema.course_title": (
        "Vermiedene Emissionen je Monat, alle Handlungen",
        "Avoided emissions per month, all actions",
    ),
    "cleema.course_note": (
        "Fläche: alle Faktoren und Annahmen am unteren und am oberen Ende. Monate mit weniger als "
        "zehn Personen je Handlung fehlen in der Summe.",
        "Band: all factors and assumptions at their lower and upper ends. Months of actions with "
        "fewer than ten people are not in the sum.",
    ),
    "cleema.course_summary": (
        "{month}: {value} kg CO₂e geschätzt (Spanne {low} bis {high}).",
        "{month}: {value} kg CO₂e estimated (range {low} to {high}).",
    ),
    "cleema.where": ("Wodurch und wo", "By what and where"),
    "cleema.by_action": ("Vermieden nach Handlung", "Avoided by action"),
    "cleema.by_borough": ("Vermieden nach Stadtbezirk", "Avoided by borough"),
    "cleema.no_action": (
        "Noch keine Handlung, zu der mindestens zehn Personen beigetragen haben.",
        "No action yet to which at least ten people have contributed.",
    ),
    "cleema.no_borough": (
        "Der Export der App enthält keinen Stadtbezirk, oder in keinem sind es zehn Personen.",
        "The app's export holds no borough, or none has ten people.",
    ),
    "cleema.since_phase": (
        "Stand: Summe seit Beginn der Umsetzungsphase",
        "As of: sum since the implementation phase began",
    ),
    "cleema.since": (
        "Stand: alle Monate seit der ersten Antwort",
        "As of: all months since the first answer",
    ),
    "cleema.under_k": (
        "Stadtbezirke mit weniger als zehn Personen stehen zusammen und nicht auf der Karte.",
        "Boroughs with fewer than ten people stand together and not on the map.",
    ),
    "area.borough:unknown": ("ohne Angabe", "not stated"),
    "area.borough:under_k": ("unter zehn Personen", "fewer than ten people"),
    "cleema.action_summary": (
        "{n} Handlungen. Größte Ersparnis: {top} ({top_value}); kleinste: {low} ({low_value}).",
        "{n} actions. Largest saving: {top} ({top_value}); smallest: {low} ({low_value}).",
    ),
    "cleema.central": ("mittlerer Wert", "central value"),
    "cleema.action": ("Handlung", "Action"),
    "cleema.per_unit": ("je", "per"),
    "cleema.boundary": ("Bilanzgrenze", "Boundary"),
    "boundary.direct": ("direkt", "direct"),
    "boundary.upstream": ("mit Vorkette", "with supply of energy"),
    "boundary.lca": ("ganzer Lebensweg", "whole life"),
    "cleema.source": ("Quelle", "Source"),
    "cleema.edition": ("Ausgabe", "Edition"),
    "cleema.sureness": ("Beleg", "Evidence"),
    "cleema.factors": ("Faktoren und Annahmen", "Factors and assumptions"),
    "cleema.factors_title": (
        "Was eine Einheit einer Handlung spart (kg CO₂e)",
        "What one unit of an action saves (kg CO₂e)",
    ),
    "cleema.factors_note": (
        "Quellen sind auf Deutsch angegeben. „Nicht belegt“ heißt: noch nicht nachgeschlagen.",
        "Sources are given in German. 'Not documented' means: not looked up yet.",
    ),
    "cleema.no_factors": (
        "Der Datenstand enthält noch kein Faktorenregister.",
        "The build holds no register of factors yet.",
    ),
    "cleema.assumptions_title": (
        "Annahmen: Anteile und Obergrenzen",
        "Assumptions: shares and caps",
    ),
    "cleema.assumption": ("Annahme", "Assumption"),
    "cleema.scope": ("gilt für", "applies to"),
    "scope.default": ("alle übrigen Handlungen", "all other actions"),
    "scope.consumption": ("Handlungen beim Konsum", "actions on consumption"),
    "scope.energy": ("Handlungen zur Energie", "actions on energy"),
    "scope.mobility": ("Handlungen zur Mobilität", "actions on mobility"),
    "cleema.meaning": ("Bedeutung", "Meaning"),
    "assumption.additionality": ("Zusätzlichkeit", "Additionality"),
    "assumption.rebound": ("Rebound", "Rebound"),
    "assumption.substitution": ("Ersatz", "Substitution"),
    "assumption.cap_per_day": ("Obergrenze je Tag", "Cap per day"),
    "assumption.cap_per_year": ("Obergrenze je Jahr", "Cap per year"),
    "scenario.section": ("Szenario: Was wäre, wenn?", "Scenario: what if?"),
    "scenario.mark": (
        "◇ Ihr Szenario – kein Messwert und nicht die offizielle Schätzung",
        "◇ Your scenario – not measured, and not the official estimate",
    ),
    "scenario.additionality": (
        "Zusätzlichkeit: ohne die App nicht geschehen",
        "Additionality: would not have happened without the app",
    ),
    "scenario.rebound": (
        "Rebound: an anderer Stelle wieder verbraucht",
        "Rebound: used up again elsewhere",
    ),
    "scenario.people": (
        "Wie viele Mal so viele Menschen (1 = wie bisher)",
        "How many times as many people (1 = as now)",
    ),
    "scenario.result": ("Vermieden in Ihrem Szenario", "Avoided in your scenario"),
    "scenario.official": (
        "Offizielle Schätzung, mittlerer Wert",
        "Official estimate, central value",
    ),
    "scenario.times": (
        "das {factor}-Fache der offiziellen Schätzung",
        "{factor} times the official estimate",
    ),
    "scenario.note": (
        "Summe der Handlungen seit Beginn der Umsetzungsphase. Alle Faktoren, Obergrenzen und "
        "übrigen Annahmen bleiben wie in der Schätzung; der Rebound wirkt nur, wo auch dort einer "
        "angenommen ist.",
        "Sum of the actions since the implementation phase began. All factors, caps and other "
        "assumptions stay as in the estimate; rebound acts only where the estimate assumes one as "
        "well.",
    ),
    "cleema.sensitivity_title": (
        "Welche Annahme bewegt die Schätzung am meisten?",
        "Which assumption moves the estimate most?",
    ),
    "cleema.sensitivity_note": (
        "Balken: das Ergebnis, wenn nur diese Annahme am unteren oder oberen Ende liegt. "
        "Senkrechte Linie: mittlere Schätzung.",
        "Bars: the result with only this assumption at its lower or upper end. Vertical line: "
        "central estimate.",
    ),
    "cleema.sensitivity_summary": (
        "Am meisten bewegt „{name}“: zwischen {low} und {high} kg CO₂e statt {value}.",
        "'{name}' moves it most: between {low} and {high} kg CO₂e instead of {value}.",
    ),
    "cleema.people_section": ("Wer macht mit, wer bleibt?", "Who takes part, who stays?"),
    "cleema.active_title": ("Aktive Personen je Monat", "Active people per month"),
    "cleema.active_note": (
        "Personen mit mindestens einer Antwort im Monat; Monate unter zehn fehlen.",
        "People with at least one answer in the month; months under ten are missing.",
    ),
    "cleema.active_summary": ("{month}: {n} aktive Personen.", "{month}: {n} active people."),
    "cleema.retention_title": (
        "Wer nach dem Einstieg aktiv bleibt",
        "Who stays active after joining",
    ),
    "cleema.retention_note": (
        "Anteil der Eingestiegenen mit einer Antwort in der Woche. Fläche: niedrigster und "
        "höchster Einstiegsmonat. Nur Einstiegsmonate, von denen mindestens zehn Personen aktiv "
        "waren und niemand oder mindestens zehn nicht; die anderen fehlen, der Anteil kann daher "
        "zu hoch sein.",
        "Share of those who joined with an answer in the week. Band: lowest and highest month of "
        "joining. Only months of joining with at least ten active and none or at least ten "
        "inactive people; the others are missing, so the share may be too high.",
    ),
    "cleema.no_retention": (
        "Noch kein Einstiegsmonat mit mindestens zehn aktiven und zehn inaktiven Personen, der "
        "lange genug zurückliegt.",
        "No month of joining with at least ten active and ten inactive people lies back far enough "
        "yet.",
    ),
    "cleema.retention_summary": (
        "In Woche {week} nach dem Einstieg sind noch {share} % aktiv (n = {n}, aus {cohorts} von "
        "{total} Einstiegsmonaten).",
        "In week {week} after joining {share} % are still active (n = {n}, from {cohorts} of "
        "{total} months of joining).",
    ),
    "cleema.cohorts_told": ("Einstiegsmonate", "Months of joining"),
    "cleema.part_of_all": ("{n} von {total}", "{n} of {total}"),
    "cleema.week": ("Woche", "Week"),
    "cleema.week_axis": ("Wochen seit dem Einstieg", "Weeks since joining"),
    "cleema.still_active": ("noch aktiv", "still active"),
    "cleema.lowest_cohort": ("niedrigster Einstiegsmonat", "lowest month of joining"),
    "cleema.highest_cohort": ("höchster Einstiegsmonat", "highest month of joining"),
    "cleema.coverage": ("Abdeckung", "Coverage"),
    "cleema.coverage_title": (
        "Was aus den Antworten geworden ist",
        "What became of the answers",
    ),
    "cleema.coverage_unit": ("Anteil der Antworten in %", "share of the answers in %"),
    "cleema.coverage_note": (
        "Nur „gezählt“ trägt zur Schätzung bei. Gruppen unter zehn stehen zusammen.",
        "Only 'counted' adds to the estimate. Groups under ten stand together.",
    ),
    "cleema.coverage_summary": (
        "{share} % der Antworten tragen zur Schätzung bei.",
        "{share} % of the answers add to the estimate.",
    ),
    "cleema.reason": ("Was daraus wurde", "What became of it"),
    "cleema.share": ("Anteil", "Share"),
    "cleema.answers": ("Antworten", "Answers"),
    "reason.counted": ("gezählt", "counted"),
    "reason.failed": ("nicht geschafft", "not succeeded"),
    "reason.unmapped": ("Challenge noch nicht bewertet", "challenge not reviewed yet"),
    "reason.no_factor": ("kein Faktor, nur Aktivität", "no factor, activity only"),
    "reason.no_amount": ("keine Menge angegeben", "no amount stated"),
    "reason.duplicate": ("doppelt am selben Tag", "twice on the same day"),
    "reason.above_daily_cap": ("über der Obergrenze je Tag", "above the daily cap"),
    "reason.above_yearly_cap": ("über der Obergrenze je Jahr", "above the yearly cap"),
    "reason.no_day": ("ohne Tag", "without a day"),
    "reason.ahead_of_time": ("im Voraus beantwortet", "answered ahead of time"),
    "reason.other_city": ("andere Stadt", "other city"),
    "reason.blocked_account": ("gesperrtes Konto", "blocked account"),
    "reason.small_group": (
        "Handlung mit weniger als zehn Personen im Monat",
        "action with fewer than ten people in the month",
    ),
    "reason.under_k": ("kleine Gruppen zusammen", "small groups together"),
    "cleema.unmapped_one": ("1 Challenge, die 0 zählt", "1 challenge that counts 0"),
    "cleema.unmapped_title": (
        "{n} Challenges, die 0 zählen",
        "{n} challenges that count 0",
    ),
    "cleema.challenge": ("Challenge", "Challenge"),
    "cleema.by_users": ("von Nutzenden erstellt", "made by users"),
    "cleema.why_nothing": ("Warum 0", "Why 0"),
    "unmapped.unmapped": ("noch nicht bewertet", "not reviewed yet"),
    "unmapped.no_factor": ("kein Faktor vorhanden", "no factor exists"),
    "cleema.joined": ("Beigetreten", "Joined"),
}
