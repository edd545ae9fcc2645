"""Dashboards for the city's leadership; start: ``streamlit run dashboards/leadership.py``.

The pages live in ``views/`` and not in ``pages/``: Streamlit serves a folder of that name by
itself, past this file, to whoever opens a page's address first.
"""

import streamlit as st

import access
import gate
import i18n
import shell

MENU = {
    "programme": {
        "ueberblick": ":material/dashboard:",
        "handlungsfelder": ":material/flag:",
        "massnahmen": ":material/checklist:",
        "finanzierung": ":material/account_balance:",
        "fortschreibung": ":material/edit_note:",
    },
    "subjects": {"cleema": ":material/eco:", "umwelt": ":material/water:"},
    "data": {"datenlage": ":material/fact_check:", "forschung": ":material/science:"},
}

lang = shell.language()
t = i18n.translator(lang)
st.set_page_config(page_title=t("app.title"), page_icon="🏙️", layout="wide")
reader = gate.enter(t)
menu = {
    t(f"nav.group.{group}"): [
        st.Page(f"views/{name}.py", title=t(f"nav.{name}"), icon=icon, default=name == "ueberblick")
        for name, icon in pages.items()
        if access.may_open(reader.roles, name)
    ]
    for group, pages in MENU.items()
}
page = st.navigation({group: pages for group, pages in menu.items() if pages})
shell.language_switch(t)
gate.identity(reader, t)
page.run()
