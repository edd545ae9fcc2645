"""The citizens' app: what Cleema saves; start: ``streamlit run dashboards/citizens.py``.

It reads the public build, which holds nothing but public marts, and asks nobody who they are.
"""

import streamlit as st

import i18n
import shell

t = i18n.translator(shell.language())
st.set_page_config(page_title=t("public.title"), page_icon="🌱", layout="centered")
page = st.navigation([st.Page("views/buerger.py", title=t("public.title"), default=True)],
                     position="hidden")  # fmt: skip
page.run()
