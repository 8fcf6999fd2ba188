"""Who may open the pages that gather."""

import rules

from contraflow.people.rules import is_signed_in
from contraflow.programmes.rules import leads_programme, sponsors_programme

rules.add_perm("home.view_today", is_signed_in)
rules.add_perm("home.search", is_signed_in)
rules.add_perm("home.view_looks", is_signed_in)
rules.add_perm("home.view_overview", leads_programme)
rules.add_perm("home.view_sponsor_page", sponsors_programme | leads_programme)
