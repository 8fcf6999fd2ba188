"""Template tags of the house: icons, initials, regions."""

from django import template

register = template.Library()
