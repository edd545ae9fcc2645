"""Texts of the log-in."""

TEXTS: dict[str, tuple[str, str]] = {
    "gate.login": ("Anmelden", "Log in"),
    "gate.logout": ("Abmelden", "Log out"),
    "gate.login.title": ("Bitte anmelden", "Please log in"),
    "gate.login.text": (
        "Diese Seiten sind für Leitung, Ämter, Forschung und Redaktion. Melden Sie sich mit Ihrem "
        "Konto der Stadt oder der TU Dresden an.",
        "These pages are for leadership, offices, research and editors. Log in with your account "
        "of the city or of TU Dresden.",
    ),
    "gate.expired.title": ("Ihre Anmeldung ist abgelaufen", "Your session has ended"),
    "gate.expired.text": (
        "Zum Schutz der Daten endet eine Anmeldung nach einigen Stunden. Bitte melden Sie sich "
        "erneut an.",
        "To protect the data a session ends after some hours. Please log in again.",
    ),
    "gate.no_role.title": ("Kein Zugang", "No access"),
    "gate.no_role.text": (
        "Sie sind angemeldet, aber Ihrem Konto ist keine Rolle dieser Anwendung zugewiesen. "
        "Wenden Sie sich an den Betrieb der Datenplattform.",
        "You are logged in, but your account has no role in this application. Please contact "
        "those who operate the platform.",
    ),
    "gate.open_network.title": ("Ohne Anmeldung nicht erreichbar", "Not available without log-in"),
    "gate.open_network.text": (
        "Die Anwendung ist über das Netz erreichbar, aber es ist keine Anmeldung eingerichtet. "
        "Deshalb zeigt sie nichts. Wie die Anmeldung eingerichtet wird, steht im Betriebshandbuch.",
        "The application can be reached over the network, but no log-in is configured. Therefore "
        "it shows nothing. The runbook says how to configure one.",
    ),
    "gate.forbidden.title": ("Kein Zugang zu dieser Seite", "No access to this page"),
    "gate.forbidden.text": (
        "Ihre Rolle darf diese Seite nicht öffnen.",
        "Your role may not open this page.",
    ),
    "gate.local": (
        "Lokaler Betrieb ohne Anmeldung – nur auf diesem Rechner erreichbar",
        "Local mode without log-in – reachable from this machine only",
    ),
    "gate.reader": ("{name} · {roles}", "{name} · {roles}"),
    "role.leadership": ("Leitung", "Leadership"),
    "role.office": ("Fachamt", "Office"),
    "role.research": ("Forschung", "Research"),
    "role.editor": ("Redaktion", "Editor"),
}
