"""All SQL of the dashboards, read-only, one module per subject.

``builds`` opens the published build, ``series`` thins long series, ``environment`` and ``health``
hold the queries of one page each. Functions take a connection and return DataFrames. Every query
on measured values is bound to one origin: demo and real values never meet.
"""
