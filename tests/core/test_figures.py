"""A number is written the same way wherever it is read."""

import pytest
from django.template import Context, Template

from contraflow.core.figures import figure


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "–"),
        (0, "0"),
        (3.10, "3.1"),
        (0.005, "0.01"),
        (100, "100"),
        (2 / 3, "0.67"),
        (999, "999"),
        (12345, "12,345"),
        (12345.5, "12,345.5"),
    ],
)
def test_a_figure_has_separators_and_no_needless_noughts(number, text):
    assert figure(number) == text


@pytest.mark.parametrize(
    "template",
    [
        "{{ number }}",
        "{% blocktranslate %}{{ number }}{% endblocktranslate %}",
        "{% blocktranslate count count=number %}{{ count }}{% plural %}{{ count }}"
        "{% endblocktranslate %}",
        "{{ number|band }}",
        "{{ number|floatformat:0 }}",
        '<c-stat label="" value="{{ number }}" />',
    ],
)
def test_templates_write_it_by_themselves(template):
    from django_cotton.compiler_regex import CottonCompiler

    compiled = CottonCompiler().process(template)

    assert "2,049" in Template(compiled).render(Context({"number": 2049}))


def test_what_machines_read_stays_plain():
    template = Template("{{ number|stringformat:'d' }} {% url 'people:role-revoke' number %}")

    assert template.render(Context({"number": 2049})) == "2049 /people/roles/2049/revoke/"
