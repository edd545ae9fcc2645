"""Texts of the page on water, rain, air and heat."""

TEXTS: dict[str, tuple[str, str]] = {
    "umwelt.lead": (
        "Wie hoch steht die Elbe, wo hat es stark geregnet, kamen die Warnungen rechtzeitig, "
        "wie gut ist die Luft und wie heiß wird die Stadt?",
        "How high is the Elbe, where did it rain heavily, did warnings come in time, how good is "
        "the air, and how hot does the city get?",
    ),
    "umwelt.glance": ("Auf einen Blick", "At a glance"),
    "kpi.define": ("Was steckt dahinter?", "What is behind this?"),
    "kpi.none": ("kein Wert", "no value"),
    "kpi.why_none": (
        "In diesem Datenbestand liegt noch kein Zeitraum vor, aus dem sich der Wert bilden lässt.",
        "The data hold no period yet from which the value could be computed.",
    ),
    "kpi.target": ("Zielwert {op} {target}", "Target {op} {target}"),
    "kpi.year": ("Jahr {year}", "Year {year}"),
    "kpi.before": ("Vorjahr: {value}", "Year before: {value}"),
    "kpi.running": ("{year} bisher: {value}", "{year} so far: {value}"),
    "kpi.range": ("Spanne {low} bis {high}", "Range {low} to {high}"),
    "kpi.basis": (
        "Grundlage: n = {n}, Abdeckung {coverage} %",
        "Basis: n = {n}, coverage {coverage} %",
    ),
    "kpi.unfinished": ("läuft noch", "not over yet"),
    "kpi.few": ("wenige Fälle", "few cases"),
    "kpi.detail.formula": ("So wird gerechnet", "How it is computed"),
    "kpi.detail.decision": ("Wozu", "What for"),
    "kpi.detail.target": ("Zielwert", "Target"),
    "kpi.detail.standard": ("Maßstab", "Standard"),
    "kpi.detail.evidence": ("Belegklasse", "Evidence class"),
    "kpi.detail.office": ("Zuständig", "Office"),
    "kpi.detail.sureness": ("Formel und Schwellen", "Formula and thresholds"),
    "kpi.detail.code": ("Kennzahl", "Indicator"),
    "evidence.A": ("A – gemessen oder amtlich", "A – measured or official"),
    "evidence.B": ("B – veröffentlichte Studie", "B – published study"),
    "evidence.C": ("C – von uns abgeleitet", "C – derived by us"),
    "evidence.D": ("D – grobe Schätzung", "D – rough estimate"),
    "sureness.verified": ("belegt", "documented"),
    "sureness.secondary": ("aus zweiter Hand belegt", "documented at second hand"),
    "sureness.unverified": ("nicht belegt", "not documented"),
    "status.im Zielbereich": ("im Zielbereich", "on target"),
    "status.Zielwert verfehlt": ("Zielwert verfehlt", "target missed"),
    "status.kein Zielwert beschlossen": ("kein Zielwert beschlossen", "no target decided"),
    "status.nicht auswertbar": ("nicht auswertbar", "cannot be judged"),
    "trend.steigend": ("↗ steigend", "↗ rising"),
    "trend.fallend": ("↘ fallend", "↘ falling"),
    "trend.gleichbleibend": ("→ gleichbleibend", "→ steady"),
    "trend.kein Vergleich": ("kein Vergleich mit dem Vorjahr", "no comparison with last year"),
    "gauge.now": ("Elbe am Pegel Dresden", "Elbe at the Dresden gauge"),
    "gauge.rising": ("↗ {diff} cm in 24 Stunden", "↗ {diff} cm in 24 hours"),
    "gauge.falling": ("↘ {diff} cm in 24 Stunden", "↘ {diff} cm in 24 hours"),
    "gauge.steady": ("→ unverändert seit 24 Stunden", "→ unchanged in 24 hours"),
    "gauge.below": (
        "● unter Alarmstufe 1 (rechnerisch, ab {first}\u00a0cm)",
        "● below alarm level 1 (computed, from {first}\u00a0cm)",
    ),
    "gauge.alarm": (
        "▲ Alarmstufe {level} erreicht (rechnerisch)",
        "▲ alarm level {level} reached (computed)",
    ),
    "gauge.define": (
        "Neuester Rohwert des Pegels. Die Alarmstufe wird aus dem Wasserstand berechnet; "
        "ausgerufen wird sie von der Wasserbehörde. Die Schwellen der Stufen 1 und 4 sind nicht "
        "amtlich belegt.",
        "Newest raw reading of the gauge. The alarm level is computed from the water level; the "
        "water authority is the one to declare it. The thresholds of levels 1 and 4 are not "
        "officially documented.",
    ),
    "gauge.section": ("Wasserstand der Elbe", "Water level of the Elbe"),
    "gauge.pick": ("Pegel", "Gauge"),
    "gauge.unit": ("Wasserstand in cm", "Water level in cm"),
    "gauge.level": (
        "Alarmstufe {level}: {value} cm (rechnerisch)",
        "Alarm level {level}: {value} cm (computed)",
    ),
    "gauge.note": (
        "Ungeprüfte Rohdaten. Die Alarmstufen sind rechnerisch aus Richtwerten gezeichnet und "
        "ersetzen keine amtliche Meldung.",
        "Unchecked raw data. Alarm levels are drawn from reference values and do not replace an "
        "official report.",
    ),
    "gauge.note_none": (
        "Ungeprüfte Rohdaten. Für diesen Pegel sind keine Alarmstufen hinterlegt.",
        "Unchecked raw data. No alarm levels are known for this gauge.",
    ),
    "gauge.empty": (
        "Für {name} liegen von {start} bis {end} keine Messwerte vor.",
        "There are no readings of {name} from {start} to {end}.",
    ),
    "gauge.none": (
        "In diesem Datenbestand gibt es noch keine Pegelwerte: Die Quelle PEGELONLINE wurde noch "
        "nicht abgerufen oder hat nichts geliefert.",
        "These data hold no gauge readings yet: the source PEGELONLINE was not fetched yet or "
        "delivered nothing.",
    ),
    "rain.section": ("Starkregen", "Heavy rain"),
    "rain.pick": ("Stationen (höchstens 6)", "Stations (at most 6)"),
    "rain.window": ("Regensumme über", "Rain sum over"),
    "rain.window.1h": ("1 Stunde", "1 hour"),
    "rain.window.6h": ("6 Stunden", "6 hours"),
    "rain.title": (
        "Gleitende Regensumme über {window}",
        "Rolling rain sum over {window}",
    ),
    "rain.unit": ("Regen in mm", "Rain in mm"),
    "rain.level": ("DWD-Stufe {level}: ab {value} mm", "DWD level {level}: from {value} mm"),
    "rain.level_above": (
        "DWD-Stufe {level}: über {value} mm",
        "DWD level {level}: above {value} mm",
    ),
    "rain.note": (
        "Summen stehen nur dort, wo jeder Zehn-Minuten-Wert vorliegt. Die Stufen sind die "
        "Warnschwellen des Deutschen Wetterdienstes.",
        "Sums exist only where every ten-minute value does. The levels are the warning thresholds "
        "of the German weather service.",
    ),
    "rain.empty": (
        "Für die gewählten Stationen liegen von {start} bis {end} keine Regenwerte vor.",
        "There are no rain values of the chosen stations from {start} to {end}.",
    ),
    "rain.none": (
        "In diesem Datenbestand gibt es noch keine Zehn-Minuten-Werte zum Regen.",
        "These data hold no ten-minute rain values yet.",
    ),
    "rain.none_chosen": (
        "Es ist keine Station gewählt. Bitte wählen Sie mindestens eine.",
        "No station is chosen. Please choose at least one.",
    ),
    "events.title": ("Starkregenereignisse", "Heavy rain events"),
    "events.empty": (
        "An den gewählten Stationen gab es von {start} bis {end} kein Starkregenereignis "
        "(DWD-Stufe 2 oder höher).",
        "There was no heavy rain event (DWD level 2 or higher) at the chosen stations from "
        "{start} to {end}.",
    ),
    "events.more": (
        "Gezeigt sind die {shown} neuesten von {n} Ereignissen; alle stehen in der CSV-Datei.",
        "Shown are the newest {shown} of {n} events; the CSV file holds all.",
    ),
    "events.started_at": ("Beginn", "Start"),
    "events.ended_at": ("Ende", "End"),
    "events.station": ("Station", "Station"),
    "events.level": ("Stufe", "Level"),
    "events.max_60min_mm": ("höchste 60 min (mm)", "highest 60 min (mm)"),
    "events.max_6h_mm": ("höchste 6 h (mm)", "highest 6 h (mm)"),
    "events.total_mm": ("gesamt (mm)", "total (mm)"),
    "level.1": ("Wetterwarnung", "weather warning"),
    "level.2": ("markant", "significant"),
    "level.3": ("Unwetter", "severe"),
    "level.4": ("extremes Unwetter", "extreme"),
    "warn.section": ("Warnungen vor Starkregen", "Heavy rain warnings"),
    "warn.title": ("Kamen die Warnungen rechtzeitig?", "Did the warnings come in time?"),
    "warn.note": (
        "Treffer: Beim Überschreiten der Stufe 2 galt eine Regenwarnung ab Stufe 2. Vorwarnzeit: "
        "Median der Treffer. Bei wenigen Fällen ist die Spanne breit.",
        "Hit: when level 2 was exceeded a rain warning of level 2 or more was valid. Lead time: "
        "median of the hits. With few cases the range is wide.",
    ),
    "warn.unit": ("Ereignisse und Warnungen je Jahr", "Events and warnings per year"),
    "warn.year": ("Jahr", "Year"),
    "warn.hits": ("Treffer", "Hits"),
    "warn.misses": ("Verfehlt", "Misses"),
    "warn.false_alarms": ("Fehlalarme", "False alarms"),
    "warn.lead": ("Vorwarnzeit", "Lead time"),
    "warn.rate": ("Trefferquote (95-%-Spanne)", "Hit rate (95 % range)"),
    "warn.far": ("Anteil Fehlalarme", "False alarm ratio"),
    "warn.empty": (
        "Noch kein Starkregen und keine Regenwarnung, die sich gegeneinander prüfen lassen. "
        "Das Archiv der Warnungen wächst erst mit dem Betrieb.",
        "No heavy rain and no rain warning to hold against each other yet. The archive of "
        "warnings grows only while the platform runs.",
    ),
    "warn.list": ("Alle Warnungen des Zeitraums", "All warnings of the period"),
    "warn.list_empty": (
        "Von {start} bis {end} liegt keine Warnung des DWD für Dresden vor.",
        "There is no DWD warning for Dresden from {start} to {end}.",
    ),
    "warn.first_sent_at": ("ausgegeben", "sent"),
    "warn.onset_at": ("gilt ab", "from"),
    "warn.expires_at": ("gilt bis", "until"),
    "warn.event": ("Ereignis", "Event"),
    "warn.level": ("Stufe", "Level"),
    "warn.is_cancelled": ("zurückgezogen", "withdrawn"),
    "warn.messages": ("Meldungen", "Messages"),
    "air.section": ("Luftqualität", "Air quality"),
    "air.year": ("Jahr", "Year"),
    "air.title": (
        "Jahresmittel {year} gegen Grenz- und Richtwerte",
        "Annual means {year} against limits and guidelines",
    ),
    "air.title_days": (
        "Überschreitungen {year}: Tage und Stunden",
        "Exceedances {year}: days and hours",
    ),
    "air.unit": ("µg/m³", "µg/m³"),
    "air.unit_days": ("Anzahl im Jahr", "number in the year"),
    "air.station": ("Station", "Station"),
    "air.pollutant": ("Stoff", "Pollutant"),
    "air.value": ("Mittel", "Mean"),
    "air.averaging": ("Gezählt", "Counted"),
    "air.averaging.day": ("Tage über dem Wert", "days above the value"),
    "air.averaging.hour": ("Stunden über dem Wert", "hours above the value"),
    "air.capture": ("Erfassung", "Capture"),
    "air.regime.eu_now": ("EU heute", "EU today"),
    "air.regime.eu_2030": ("EU ab 2030", "EU from 2030"),
    "air.regime.who_2021": ("WHO 2021", "WHO 2021"),
    "air.status.met": ("✓ eingehalten", "✓ met"),
    "air.status.exceeded": ("▲ überschritten", "▲ exceeded"),
    "air.status.not_assessable": ("○ nicht bewertbar", "○ not assessable"),
    "air.limit": ("höchstens {limit}", "at most {limit}"),
    "air.count": (
        "{n} × über {limit} µg/m³, erlaubt {allowed}",
        "{n} × above {limit} µg/m³, allowed {allowed}",
    ),
    "air.nolimit": ("kein Wert festgelegt", "no value set"),
    "air.note": (
        "Bewertet wird ab 85 % Erfassung des ganzen Jahres; ein laufendes Jahr ist daher meist "
        "noch nicht bewertbar. Grenzwerte der EU binden, Richtwerte der WHO nicht. Die Werte "
        "können ungeprüfte Rohdaten enthalten.",
        "Judged from 85 % capture of the whole year, so a running year mostly cannot be judged "
        "yet. EU limits bind, WHO guidelines do not. Values may contain unchecked raw data.",
    ),
    "air.empty": (
        "In diesem Datenbestand gibt es noch keine Werte zur Luftqualität.",
        "These data hold no air quality values yet.",
    ),
    "heat.section": ("Hitze", "Heat"),
    "heat.pick": ("Messort", "Site"),
    "heat.title": ("Hitzetage und Tropennächte", "Hot days and tropical nights"),
    "heat.unit": ("Tage im Jahr", "Days a year"),
    "heat.hot_days": ("Hitzetage (ab 30 °C)", "Hot days (30 °C and more)"),
    "heat.tropical_nights": ("Tropennächte (nie unter 20 °C)", "Tropical nights (20 °C or more)"),
    "heat.kind": ("Kennzeichen", "Kind"),
    "heat.coverage_pct": ("beobachtete Tage (%)", "days observed (%)"),
    "heat.days": ("beobachtete Tage", "days observed"),
    "heat.note": (
        "* Weniger als 80 % der Tage des Jahres sind beobachtet; die Zahl ist eine Untergrenze.",
        "* Less than 80 % of the days of the year were observed; the number is a lower bound.",
    ),
    "heat.summary": (
        "{year}: {hot} Hitzetage, {nights} Tropennächte ({coverage} % der Tage beobachtet).",
        "{year}: {hot} hot days, {nights} tropical nights ({coverage} % of the days observed).",
    ),
    "heat.empty": (
        "In diesem Datenbestand gibt es noch keine Temperaturen.",
        "These data hold no temperatures yet.",
    ),
    "map.section": ("Messorte", "Measuring sites"),
    "map.title": ("Wo gemessen wird", "Where we measure"),
    "map.note": (
        "Schematische Karte: Zellen um die Mittelpunkte, keine amtlichen Grenzen.",
        "Schematic map: cells around the centres, no official boundaries.",
    ),
    "map.unit": ("neuester Wert je Messort", "newest value per site"),
    "map.subject": ("Misst", "Measures"),
    "map.subject.gauge": ("Wasserstand", "Water level"),
    "map.subject.rain": ("Regen", "Rain"),
    "map.subject.air": ("Luft", "Air"),
    "map.subject.heat": ("Temperatur", "Temperature"),
    "map.value.gauge": ("{value} cm", "{value} cm"),
    "map.value.rain": ("{value} mm in 24 h", "{value} mm in 24 h"),
    "map.value.air": ("NO₂ {value} µg/m³ (Tagesmittel)", "NO₂ {value} µg/m³ (day mean)"),
    "map.value.heat": ("{value} °C (höchster Tageswert)", "{value} °C (highest of the day)"),
    "map.value.none": ("kein Wert", "no value"),
    "map.at": ("Stand", "As of"),
    "map.district": ("Stadtteil", "District"),
    "map.remark": ("Anmerkung", "Remark"),
    "map.summary": (
        "{n} Messorte auf der Karte: {parts}.",
        "{n} sites on the map: {parts}.",
    ),
    "map.outside": ("Außerhalb der Karte: {names}.", "Outside the map: {names}."),
    "map.unplaced": ("Ohne bekannte Lage: {names}.", "Place unknown: {names}."),
    "map.empty": (
        "In diesem Datenbestand hat noch kein Messort Werte geliefert.",
        "No site has delivered values to these data yet.",
    ),
}
