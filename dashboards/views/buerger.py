"""Page for everybody: what the climate app saves together."""

from sections import public
from shell import open_public_page

view = open_public_page("public.title", "public.lead")
public.language(view)
public.together(view)
public.course(view)
public.actions(view)
public.boroughs(view)
public.method(view)
public.join(view)
public.downloads(view)
public.footer(view)
