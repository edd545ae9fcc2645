"""Texts of the citizens' app: plain language, no jargon without an explanation."""

TEXTS: dict[str, tuple[str, str]] = {
    "public.title": ("Was Cleema gemeinsam spart", "What Cleema saves together"),
    "public.lead": (
        "Cleema ist die Klimaschutz-App aus Dresden. Hier steht, wie viele Treibhausgase alle "
        "zusammen vermieden haben – geschätzt, mit Spanne und nachrechenbar.",
        "Cleema is the climate app from Dresden. Here you see how much greenhouse gas everyone "
        "avoided together – estimated, with its range, and open to be checked.",
    ),
    "public.later": (
        "Hier steht noch nichts. Bitte schauen Sie später wieder vorbei.",
        "There is nothing here yet. Please come back later.",
    ),
    "public.none": (
        "Es gibt noch keine Angaben, aus denen sich etwas berechnen lässt.",
        "There are no answers yet that anything could be computed from.",
    ),
    "public.together": ("Gemeinsam vermieden seit {since}", "Avoided together since {since}"),
    "public.about": ("rund {amount}", "about {amount}"),
    "public.range": (
        "Je nach Annahmen liegt der Wert zwischen {low} und {high}.",
        "Depending on the assumptions the value lies between {low} and {high}.",
    ),
    "public.car_km": (
        "Das ist so viel, wie bei rund {value} Kilometern im Auto entsteht (zwischen {low} und "
        "{high} Kilometern, je Person gerechnet).",
        "That is as much as about {value} kilometres by car cause (between {low} and {high} "
        "kilometres, per person).",
    ),
    "public.estimate_note": (
        "Eine Schätzung aus dem, was Menschen in der App selbst angeben. Sie ist kein Teil der "
        "Klimabilanz der Stadt und wird nicht von ihr abgezogen.",
        "An estimate from what people report in the app themselves. It is no part of the city's "
        "climate balance and is not subtracted from it.",
    ),
    "public.answers": (
        "Bis {until} gab es in der App {answers} Angaben; nicht jede zählt.",
        "{answers} answers were given in the app by {until}; not all of them count.",
    ),
    "public.course": ("Monat für Monat", "Month by month"),
    "public.course_title": (
        "Vermiedene Treibhausgase je Monat",
        "Greenhouse gas avoided per month",
    ),
    "public.course_said": (
        "{month}: {value}, zwischen {low} und {high}.",
        "{month}: {value}, between {low} and {high}.",
    ),
    "public.gap_note": (
        "Die helle Fläche zeigt die Spanne. Monate mit weniger als zehn Teilnehmenden fehlen.",
        "The pale area shows the range. Months with fewer than ten participants are left out.",
    ),
    "public.running": (
        "Ein offener Punkt: Der Monat läuft noch.",
        "A hollow point: the month is not over.",
    ),
    "public.actions": ("Womit gespart wurde", "What saved it"),
    "public.actions_title": ("Vermieden nach Handlung", "Avoided by action"),
    "public.action": ("Handlung", "Action"),
    "public.middle": ("mittlerer Wert", "middle value"),
    "public.year": ("Summe des Jahres {year}", "Sum of the year {year}"),
    "public.years": ("Summe der Jahre {first} bis {last}", "Sum of the years {first} to {last}"),
    "public.boundary_note": (
        "Bei Verkehr und Energie zählen Betrieb und Vorkette, bei Essen und Dingen der ganze "
        "Lebensweg. Deshalb sind die Balken nicht streng vergleichbar.",
        "For transport and energy, use and supply count; for food and things the whole life "
        "cycle. So the bars cannot be compared strictly.",
    ),
    "public.boroughs": ("Wo gespart wurde", "Where it was saved"),
    "public.boroughs_title": ("Vermieden nach Stadtbezirk", "Avoided by borough"),
    "public.no_borough": (
        "Die App weiß nicht, in welchem Stadtbezirk jemand wohnt, oder es sind zu wenige. Deshalb "
        "gibt es hier keine Karte.",
        "The app does not know in which borough somebody lives, or there are too few. So there is "
        "no map here.",
    ),
    "public.under_k": (
        "Gruppen mit weniger als zehn Personen werden nie einzeln gezeigt, sondern "
        "zusammengefasst.",
        "Groups of fewer than ten people are never shown on their own but put together.",
    ),
    "public.method": ("So wird gerechnet", "How it is computed"),
    "public.method.1": (
        "Gezählt wird jedes Mal, wenn jemand in der App angibt, eine Aufgabe geschafft zu haben.",
        "Every time somebody reports a task as done in the app, it counts.",
    ),
    "public.method.2": (
        "Dieselbe Handlung zählt am selben Tag für dieselbe Person nur einmal.",
        "The same action of the same person counts only once a day.",
    ),
    "public.method.3": (
        "Für jede Handlung gibt es einen Faktor: wie viel sie spart, mindestens und höchstens. "
        "Meist stammt er aus veröffentlichten Quellen, sonst ist er ein Richtwert oder eine "
        "Rechnung der Plattform; die Tabelle sagt, was davon.",
        "Every action has a factor: how much it saves, at least and at most. Mostly it comes from "
        "published sources, else it is a rule of thumb or a calculation of the platform; the table "
        "says which.",
    ),
    "public.method.4": (
        "Ein Teil wäre auch ohne die App geschehen. Deshalb zählt nur ein Anteil davon. Wie groß "
        "er ist, weiß niemand genau: Die Plattform nimmt ihn an, mit Spanne.",
        "Part of it would have happened without the app. So only a share of it counts. Nobody "
        "knows exactly how large it is: the platform assumes it, with a range.",
    ),
    "public.method.5": (
        "Wer spart, gibt manchmal an anderer Stelle mehr aus (Rebound). Auch das wird abgezogen, "
        "ebenfalls mit einem angenommenen Anteil.",
        "Who saves sometimes uses more elsewhere (rebound). That is subtracted too, again with an "
        "assumed share.",
    ),
    "public.method.6": (
        "Aufgaben ohne anerkannten Faktor, zum Beispiel Müllsammeln, zählen null – wichtig sind "
        "sie trotzdem.",
        "Tasks without an accepted factor, such as picking up litter, count zero – and matter all "
        "the same.",
    ),
    "public.factors": ("Alle Faktoren mit Quelle", "All factors with their source"),
    "public.factor.action": ("Handlung", "Action"),
    "public.factor.unit": ("je", "per"),
    "public.factor.value": ("kg CO₂e", "kg CO₂e"),
    "public.factor.range": ("Spanne", "Range"),
    "public.factor.source": ("Quelle", "Source"),
    "public.assumptions": (
        "Alle Annahmen: Anteile und Obergrenzen",
        "All assumptions: shares and caps",
    ),
    "public.assumption.additionality": (
        "Anteil, der ohne die App nicht geschehen wäre",
        "Share that would not have happened without the app",
    ),
    "public.assumption.rebound": (
        "Anteil, der an anderer Stelle wieder verbraucht wird (Rebound)",
        "Share that is used up again elsewhere (rebound)",
    ),
    "public.assumption.substitution": (
        "Anteil, der wirklich etwas ersetzt",
        "Share that really replaces something",
    ),
    "public.assumption.cap_per_day": (
        "Höchstens gezählt je Person und Tag",
        "Counted at most per person and day",
    ),
    "public.assumption.cap_per_year": (
        "Höchstens gezählt je Person und Jahr",
        "Counted at most per person and year",
    ),
    "public.assumption.col.what": ("Annahme", "Assumption"),
    "public.assumption.col.scope": ("gilt für", "applies to"),
    "public.assumption.col.value": ("Wert", "Value"),
    "public.assumption.col.range": ("Spanne", "Range"),
    "public.assumption.col.unit": ("Einheit", "Unit"),
    "public.assumption.col.source": ("Quelle", "Source"),
    "public.join": ("Mitmachen", "Join in"),
    "public.join_text": (
        "Cleema ist kostenlos in den App-Stores. Betrieben wird die App von der Lokalen Agenda "
        "Dresden e. V. und der Sandstorm Media GmbH; ihr Quelltext ist offen.",
        "Cleema is free in the app stores. It is run by Lokale Agenda Dresden e. V. and Sandstorm "
        "Media GmbH; its source code is open.",
    ),
    "public.downloads": ("Daten herunterladen", "Download the data"),
    "public.table.totals": ("Summe", "Total"),
    "public.table.savings_monthly": ("Monate", "Months"),
    "public.table.savings_by_action": ("Handlungen", "Actions"),
    "public.table.savings_by_borough": ("Stadtbezirke", "Boroughs"),
    "public.privacy": (
        "Diese Seite setzt keine Zählpixel, lädt nichts von anderen Servern und fragt nicht, wer "
        "Sie sind. Sie kennt nur Summen über mindestens zehn Personen.",
        "This page counts no visits, loads nothing from other servers and does not ask who you "
        "are. It knows only sums over at least ten people.",
    ),
}
