"""Texts of the page for researchers."""

TEXTS: dict[str, tuple[str, str]] = {
    "research.lead": (
        "Alle ausgewerteten Tabellen mit Beschreibung, eigener Abfrage und Download.",
        "All analysed tables with dictionary, own queries and downloads.",
    ),
    "research.marts": ("Tabellen", "Tables"),
    "research.pick": ("Tabelle", "Table"),
    "research.size": (
        "{rows} Zeilen (alle Datenbestände), {columns} Spalten.",
        "{rows} rows (all origins), {columns} columns.",
    ),
    "research.columns": ("Spalten", "Columns"),
    "research.preview": ("Vorschau", "Preview"),
    "research.preview_note": (
        "Die ersten {n} Zeilen. Zeitpunkte in UTC, Zahlen und Daten in Maschinenschreibweise.",
        "The first {n} rows. Instants in UTC, numbers and dates as machines write them.",
    ),
    "research.code": ("Im eigenen Programm", "In your own program"),
    "research.code_note": (
        "Die Datei öffnet DuckDB ab Version 1.4.",
        "DuckDB 1.4 and newer open the file.",
    ),
    "research.col.name": ("Spalte", "Column"),
    "research.col.type": ("Typ", "Type"),
    "research.col.description": ("Bedeutung", "Meaning"),
    "research.csv": ("CSV", "CSV"),
    "research.parquet": ("Parquet", "Parquet"),
    "research.sql": ("Eigene Abfrage (SQL)", "Your own query (SQL)"),
    "research.limits": (
        "Eine SELECT-Abfrage auf die Tabellen marts.*, nur lesend; höchstens {seconds} Sekunden, "
        "{memory} MB Speicher und {rows} Zeilen. Kein Zugriff auf Dateien oder Netz.",
        "One SELECT on the tables marts.*, read-only; at most {seconds} seconds, {memory} MB of "
        "memory and {rows} rows. No access to files or the network.",
    ),
    "research.query": ("Abfrage", "Query"),
    "research.run": ("Abfrage ausführen", "Run query"),
    "research.running": ("Die Abfrage läuft …", "The query is running …"),
    "research.rows": ("{n} Zeilen in {seconds} s.", "{n} rows in {seconds} s."),
    "research.cut": (
        "Die ersten {n} Zeilen ({seconds} s); es gibt mehr. Ganze Tabellen stehen oben als "
        "Download.",
        "The first {n} rows ({seconds} s); there are more. Whole tables can be downloaded above.",
    ),
    "refused.syntax": (
        "Die Abfrage ist kein gültiges SQL.",
        "The query is not valid SQL.",
    ),
    "refused.not_select": (
        "Hier sind nur lesende Abfragen (SELECT) möglich. Schreiben, Dateien, Erweiterungen und "
        "Einstellungen sind gesperrt.",
        "Only reading queries (SELECT) are possible here. Writing, files, extensions and settings "
        "are locked.",
    ),
    "refused.many": (
        "Bitte genau eine Abfrage eingeben.",
        "Please enter exactly one query.",
    ),
    "refused.forbidden": (
        "Erlaubt sind die Tabellen marts.* sowie range() und unnest(). Diese Quelle ist gesperrt:",
        "Allowed are the tables marts.* and range() and unnest(). This source is locked:",
    ),
    "refused.memory": (
        "Die Abfrage braucht mehr als {memory} MB Speicher und wurde beendet. Grenzen Sie sie ein.",
        "The query needs more than {memory} MB of memory and was ended. Narrow it down.",
    ),
    "refused.time": (
        "Die Abfrage war nach {seconds} Sekunden nicht fertig und wurde beendet.",
        "The query was not done after {seconds} seconds and was ended.",
    ),
    "refused.failed": (
        "Die Abfrage ist fehlgeschlagen. DuckDB meldet:",
        "The query failed. DuckDB says:",
    ),
}
