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
page = st.navigation({
    t("nav.group.programme"): [
        st.Page("views/ueberblick.py", title=t("nav.ueberblick"), icon=":material/dashboard:",
                default=True),
        st.Page("views/handlungsfelder.py", title=t("nav.handlungsfelder"),
                icon=":material/flag:"),
        st.Page("views/massnahmen.py", title=t("nav.massnahmen"), icon=":material/checklist:"),
        st.Page("views/finanzierung.py", title=t("nav.finanzierung"),
                icon=":material/account_balance:"),
    ],
    t("nav.group.subjects"): [
        st.Page("views/cleema.py", title=t("nav.cleema"), icon=":material/eco:"),
        st.Page("views/umwelt.py", title=t("nav.umwelt"), icon=":material/water:"),
    ],
    t("nav.group.data"): [
        st.Page("views/datenlage.py", title=t("nav.datenlage"), icon=":material/fact_check:"),
        st.Page("views/forschung.py", title=t("nav.forschung"), icon=":material/science:"),
    ],
})  # fmt: skip
shell.language_switch(t)
page.run()
