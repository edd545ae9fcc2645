"""Dashboards for the city's leadership; start: ``streamlit run dashboards/leadership.py``.

The pages live in ``views/`` and not in ``pages/``: Streamlit serves a folder of that name by
itself, past this file, to whoever opens a page's address first.
"""

import streamlit as st

import i18n
import shell

lang = shell.language()
t = i18n.translator(lang)
st.set_page_config(page_title=t("app.title"), page_icon="🏙️", layout="wide")
page = st.navigation([
    st.Page("views/umwelt.py", title=t("nav.umwelt"), icon=":material/water:", default=True),
    st.Page("views/datenlage.py", title=t("nav.datenlage"), icon=":material/fact_check:"),
    st.Page("views/fortschreibung.py", title=t("nav.fortschreibung"), icon=":material/edit_note:"),
])  # fmt: skip
shell.language_switch(t)
page.run()
