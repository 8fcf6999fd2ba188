"""The tags every template has without loading them: icons, people, menus, regions and bands."""

from django import template
from django.forms import BoundField, CheckboxInput
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from contraflow.core import charts, navigation
from contraflow.core.figures import figure

register = template.Library()

# below this many people or pairs a count is shown as a band (product.md: k = 5)
SMALLEST_COUNT = 5


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """Draw an icon of the sprite; without a label it is decoration and read by nobody."""
    role = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon{}" {} focusable="false"><use href="{}#{}"/></svg>',
        f" {size}" if size else "",
        role,
        static("core/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def chosen_theme(context: dict) -> SafeString:
    """Return the attribute of the theme a person chose, so that no page flashes in the other."""
    chosen = context["request"].COOKIES.get("theme")
    return format_html(' data-theme="{}"', chosen) if chosen in {"light", "dark"} else SafeString()


@register.filter
def initials(name: object) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = str(name).split()
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


@register.filter
def band(count: int) -> str:
    """Return a count of people so that nobody can be recognised in it: "5 to 9", "fewer than 5".

    From 20 on the count itself is shown; nought is nobody and stays nought.
    """
    if count == 0:
        return "0"
    if count < SMALLEST_COUNT:
        return _("fewer than %(count)s") % {"count": figure(SMALLEST_COUNT)}
    for low, high in ((5, 9), (10, 19)):
        if count <= high:
            return _("%(low)s to %(high)s") % {"low": low, "high": high}
    return figure(count)


@register.filter
def minutes(count: int) -> str:
    """Return a length of time as agendas write it: "20 min"."""
    return _("%(count)s min") % {"count": figure(count)}


@register.filter
def field_kind(field: BoundField) -> str:
    """Tell how a field is laid out: "hidden", "check", "choices", "range" or "plain"."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if field.use_fieldset:
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "range" if getattr(widget, "input_type", "") == "range" else "plain"


@register.simple_tag
def field_value(field: BoundField, unit: str = "") -> str:
    """Return what a slider stands at."""
    value = field.value()
    return "" if value is None else f"{value}{unit}"


@register.simple_tag
def field_notes(field: BoundField, readers: str = "") -> str:
    """Return the ids of all that describes a field: its help, its errors, who can read it."""
    notes = [field.aria_describedby, readers and f"{field.auto_id}_readers"]
    return " ".join(filter(None, notes))


@register.simple_tag
def widget(field: BoundField, look: str = "", readers: str = "") -> SafeString:
    """Draw the control of a field, tied to what describes it."""
    attrs = {"aria-describedby": field_notes(field, readers), "class": look}
    return field.as_widget(attrs={name: text for name, text in attrs.items() if text})


@register.simple_tag(takes_context=True)
def menu_entries(context: dict, menu: str, about: object = None) -> list[dict]:
    """Return the links of a menu that the person who looks may follow."""
    return navigation.entries(menu, context["request"], about)


@register.simple_tag(takes_context=True)
def region(context: dict, name: str, about: object) -> SafeString:
    """Show what higher rooms registered for this place of the page."""
    request = context["request"]
    shown = navigation.regions(name, request, about)
    return mark_safe("".join(render_to_string(where, what, request) for where, what in shown))


@register.simple_tag
def parts_bar(parts: list, total: float = 1) -> SafeString:
    """Draw the parts of one score as a bar small enough for a row of a table."""
    return charts.parts_bar(parts, total=total)
