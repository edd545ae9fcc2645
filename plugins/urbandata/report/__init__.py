"""The strategy update (Fortschreibung): a document made from a published build and editors' texts.

``facts`` reads the build, ``texts`` keeps what people write, ``compose`` joins both into one
``model.Document``; ``html``, ``docx``, ``pdf`` and ``xlsx`` only draw that document. ``editions``
leads it from draft to release.
"""
