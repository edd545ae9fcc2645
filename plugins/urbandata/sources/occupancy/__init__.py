"""How full pools, gyms and ice rinks are: polls of what operators show, and opening hours."""
