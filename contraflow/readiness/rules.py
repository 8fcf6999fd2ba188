"""Who may look whether they are ready: everybody, so that having looked tells nothing."""

import rules

from contraflow.people.rules import is_signed_in

rules.add_perm("readiness.look", is_signed_in)
