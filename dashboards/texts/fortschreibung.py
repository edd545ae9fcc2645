"""Texts of the page on the strategy update."""

TEXTS: dict[str, tuple[str, str]] = {
    "nav.fortschreibung": ("Fortschreibung", "Strategy update"),
    "fort.lead": (
        "Die Fortschreibung der Smart-City-Strategie: aus einem Datenstand und den Texten der "
        "Redaktion entstehen DOCX, PDF, HTML und XLSX.",
        "The update of the smart-city strategy: a build and the editors' texts become DOCX, PDF, "
        "HTML and XLSX.",
    ),
    "fort.new": ("Neue Ausgabe", "New edition"),
    "fort.period": ("Berichtszeitraum", "Period"),
    "fort.period.newest": ("neueste abgeschlossene Zeiträume", "newest complete periods"),
    "fort.build": ("Datenstand", "Build"),
    "fort.build.current": ("{build} (veröffentlicht)", "{build} (in service)"),
    "fort.langs": ("Sprachen", "Languages"),
    "fort.make": ("Entwurf erzeugen", "Make a draft"),
    "fort.making": ("Die Ausgabe wird erzeugt …", "Making the edition …"),
    "fort.made": (
        "Entwurf {edition} ist fertig. Die Dateien stehen unten.",
        "Draft {edition} is ready. Its files are below.",
    ),
    "fort.failed": ("Das ging nicht: {problem}", "That did not work: {problem}"),
    "fort.editions": ("Ausgaben", "Editions"),
    "fort.none": ("Es gibt noch keine Ausgabe.", "There is no edition yet."),
    "fort.edition": ("Ausgabe", "Edition"),
    "fort.all": ("Alle Ausgaben", "All editions"),
    "fort.title": ("Ausgabe {edition} · {state}", "Edition {edition} · {state}"),
    "fort.rests_on": ("Datenstand {build} · {origin}", "Build {build} · {origin}"),
    "fort.comment": ("Kommentar von {who}:", "Comment by {who}:"),
    "fort.state.draft": ("Entwurf", "draft"),
    "fort.state.submitted": ("zur Freigabe eingereicht", "submitted for approval"),
    "fort.state.approved": ("freigegeben", "approved"),
    "fort.state.rejected": ("zurückgewiesen", "rejected"),
    "fort.event.created": ("erzeugt", "created"),
    "fort.event.refreshed": ("aktualisiert", "refreshed"),
    "fort.event.submitted": ("eingereicht", "submitted"),
    "fort.event.approved": ("freigegeben", "approved"),
    "fort.event.rejected": ("zurückgewiesen", "rejected"),
    "fort.waits": (
        "Diese Ausgabe ist eingefroren und wartet auf eine Entscheidung.",
        "This edition is frozen and waits for a decision.",
    ),
    "fort.decide": ("In Airflow entscheiden", "Decide in Airflow"),
    "fort.refresh": ("Zahlen und Texte aktualisieren", "Refresh numbers and texts"),
    "fort.submit": ("Zur Freigabe einreichen", "Submit for approval"),
    "fort.no_airflow": (
        "Ausgabe {edition} ist eingereicht, aber Airflow antwortet nicht ({problem}). Bitte dort "
        "den DAG strategy_update mit edition={edition} starten.",
        "Edition {edition} is submitted, but Airflow does not answer ({problem}). Please start the "
        "DAG strategy_update there with edition={edition}.",
    ),
    "fort.past": ("Verlauf", "History"),
    "fort.col.edition": ("Ausgabe", "Edition"),
    "fort.col.state": ("Stand", "State"),
    "fort.col.period": ("Zeitraum", "Period"),
    "fort.col.build": ("Datenstand", "Build"),
    "fort.col.by": ("Von", "By"),
    "fort.col.at": ("Am", "At"),
    "fort.col.what": ("Schritt", "Step"),
    "fort.col.comment": ("Kommentar", "Comment"),
    "edit.title": ("Texte der Redaktion", "Editors' texts"),
    "edit.lead": (
        "Befunde und Einschätzungen je Kapitel, Handlungsfeld, Maßnahme und Kennzahl. Sie liegen "
        "getrennt von den Datenständen und erscheinen im nächsten Entwurf.",
        "Findings and assessments by chapter, action field, measure and KPI. They are kept apart "
        "from the builds and appear in the next draft.",
    ),
    "edit.subject": ("Gegenstand", "Subject"),
    "edit.lang": ("Sprache des Textes", "Language of the text"),
    "edit.text": ("Text (Markdown)", "Text (Markdown)"),
    "edit.help": (
        "**fett**, *kursiv*, Listen mit -, Überschriften mit #. Doppelte geschweifte Klammern "
        "holen eine Zahl mit Einheit und Nachweis aus dem Datenstand, zum Beispiel {{{{M5.5a}}}}. "
        "Was Sie tippen, wird gesichert, sobald Sie das Feld verlassen.",
        "**bold**, *italic*, lists with -, headings with #. Double braces fetch a number with unit "
        "and evidence from the build, for example {{{{M5.5a}}}}. What you type is kept as soon as "
        "you leave the field.",
    ),
    "edit.preview": ("Vorschau", "Preview"),
    "edit.empty": ("*Noch kein Text.*", "*No text yet.*"),
    "edit.save": ("Version speichern", "Save version"),
    "edit.saved": ("Gespeichert als Version {number}.", "Saved as version {number}."),
    "edit.restored": (
        "Ihr nicht gespeicherter Text vom {at} ist wieder da.",
        "Your unsaved text of {at} is back.",
    ),
    "edit.conflict": (
        "{who} hat am {at} Version {number} gespeichert, während Sie schrieben. Ihr Text ist nicht "
        "verloren: Bitte führen Sie beide zusammen und speichern Sie dann.",
        "{who} saved version {number} at {at} while you were writing. Your text is not lost: "
        "please merge both, then save.",
    ),
    "edit.difference": ("Unterschied", "Difference"),
    "edit.theirs": ("andere", "theirs"),
    "edit.mine": ("Ihr Text", "yours"),
    "edit.merged": ("Beides ist zusammengeführt", "Both are merged"),
    "edit.merged.help": (
        "Danach ersetzt „Version speichern“ die neuere Version durch den Text im Feld.",
        "After this 'Save version' replaces the newer version by the text in the field.",
    ),
    "edit.take_theirs": ("Neuere Version übernehmen", "Take the newer version"),
    "edit.history": ("Versionen ({n})", "Versions ({n})"),
    "edit.history.none": ("Noch keine Version.", "No version yet."),
    "edit.col.number": ("Nr.", "No."),
    "edit.col.at": ("Am", "At"),
    "edit.col.who": ("Von", "By"),
    "edit.col.kind": ("Art", "Kind"),
    "edit.col.text": ("Anfang des Textes", "Beginning of the text"),
    "edit.kind.save": ("gespeichert", "saved"),
    "edit.kind.import": ("eingelesen", "imported"),
    "edit.kind.file": ("in der Datei geändert", "changed in the file"),
    "edit.kind.conflict": ("im Konflikt aufbewahrt", "kept in conflict"),
}
