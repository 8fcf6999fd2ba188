"""Components show what they are given, escaped once; a field is tied to all that describes it."""

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.views.defaults import (
    bad_request,
    page_not_found,
    permission_denied,
    server_error,
)
from django_cotton.compiler_regex import CottonCompiler

from contraflow.core.models import Job
from contraflow.core.templatetags.contraflow import band, initials, minutes

HOSTILE = '"><script>alert(1)</script>'


def render(source, **context):
    """Render a piece of template as if it stood in a file, components included."""
    request = RequestFactory().get("/people/", {"q": "ama"})
    request.user = AnonymousUser()
    template = engines["django"].from_string(CottonCompiler().process(source))
    return " ".join(template.render(context, request).split())


class SampleForm(forms.Form):
    goal = forms.CharField(label="Goal", help_text="One sentence.")
    notes = forms.CharField(required=False)
    agreed = forms.BooleanField(label="I agree")
    heard = forms.ChoiceField(choices=[("1", "1"), ("2", "2")], widget=forms.RadioSelect)
    weight = forms.IntegerField(initial=45, widget=forms.NumberInput(attrs={"type": "range"}))
    secret = forms.CharField(widget=forms.HiddenInput)


PROPS = [
    "<c-page-heading title='{{ x }}' kicker='{{ x }}' under='{{ x }}' />",
    "<c-page-heading :title='x' :kicker='x' :under='x' />",
    "<c-card title='{{ x }}' id='{{ x }}' data-at='{{ x }}'>{{ x }}</c-card>",
    "<c-button href='{{ x }}' label='{{ x }}' name='{{ x }}'>{{ x }}</c-button>",
    "<c-button :href='x' :label='x' :tone='x'>{{ x }}</c-button>",
    "<c-alert title='{{ x }}'>{{ x }}</c-alert>",
    "<c-alert :title='x'>{{ x }}</c-alert>",
    "<c-person :name='x' :role='x' :note='x' />",
    "<c-pair-avatars :mentor='x' :leader='x' />",
    "<c-empty-state :title='x' :text='x' />",
    "<c-stat :label='x' :value='x' :note='x' />",
    "<c-dialog id='d' :title='x' :button='x'>{{ x }}</c-dialog>",
    "<c-table :label='x'><tr><td>{{ x }}</td></tr></c-table>",
    "<c-moment :when='x'>{{ x }}</c-moment>",
]


@pytest.mark.parametrize("source", PROPS)
def test_what_people_wrote_is_escaped_once(source):
    shown = render(source, x=HOSTILE)

    assert "<script" not in shown
    assert "&amp;quot;" not in shown
    assert "&amp;lt;" not in shown


def test_a_prop_left_out_is_not_taken_from_the_page():
    shown = render("<c-card>Hello</c-card>", title="Of the page", aside="Aside", kind="next")

    assert shown == '<section class="card " > Hello </section>'


def test_a_button_with_an_address_is_a_link():
    assert render("<c-button href='/x/' tone='primary'>Go</c-button>") == (
        '<a class="button primary " href="/x/" > Go</a>'
    )


def test_a_button_passes_on_what_is_not_a_prop():
    assert render("<c-button type='button' name='n' hx-get='/x/' disabled>Go</c-button>") == (
        '<button class="button " type="button" name="n" hx-get="/x/" disabled> Go</button>'
    )


def test_a_field_is_tied_to_its_help_its_error_and_its_readers():
    shown = render(
        "<c-field :field='form.goal' readers='Only you two.' />", form=SampleForm({"goal": ""})
    )

    assert 'aria-describedby="id_goal_helptext id_goal_error id_goal_readers"' in shown
    assert 'aria-invalid="true"' in shown
    for described in ("id_goal_helptext", "id_goal_error", "id_goal_readers"):
        assert shown.count(f'id="{described}"') == 1
    assert "<li>This field is required.</li>" in shown


@pytest.mark.parametrize(
    ("name", "contains", "lacks"),
    [
        ("notes", "(optional)", "aria-invalid"),
        ("goal", '<label for="id_goal"> Goal </label>', "(optional)"),
        ("agreed", '<div class="option"> <input type="checkbox"', "<fieldset"),
        ("heard", "<legend>Heard </legend>", '<label for="id_heard"'),
        ("weight", '<output class="soft" for="id_weight" data-unit="%"> 45% </output>', "fieldset"),
        ("secret", '<input type="hidden" name="secret" id="id_secret">', "<label"),
    ],
)
def test_each_kind_of_field_has_its_layout(name, contains, lacks):
    shown = render("<c-field :field='field' unit='%' />", field=SampleForm()[name])

    assert contains in shown
    assert lacks not in shown


def test_a_running_job_asks_again_every_second():
    job = Job(code="c", state=Job.State.RUNNING, done=340, total=1000, step="Writing people")

    shown = render("<c-progress :job='job' url='/w/' target='#work' title='Import' />", job=job)

    assert 'hx-get="/w/" hx-trigger="every 500ms" hx-target="#work"' in shown
    assert 'hx-select="#work"' in shown
    assert 'value="340" max="1000"' in shown
    assert 'data-announce="Writing people"' in shown
    assert '<noscript><a href="/w/">' in shown


def test_a_job_that_is_over_asks_no_more():
    shown = render("<c-progress :job='job' url='/w/' />", job=Job(state=Job.State.FAILED))

    assert "hx-get" not in shown
    assert "noscript" not in shown


def test_a_job_of_unknown_size_has_no_value():
    shown = render("<c-progress :job='job' />", job=Job(state=Job.State.RUNNING))

    assert "value=" not in shown


def test_a_dialog_opens_with_and_without_scripts():
    shown = render("<c-dialog id='end' title='End?' button='End'>Sure</c-dialog>")

    assert 'data-opens="end" popovertarget="end"' in shown
    assert '<dialog class="dialog" id="end" popover aria-labelledby="end-title">' in shown
    assert 'data-closes popovertarget="end" popovertargetaction="hide"' in shown


def test_a_pager_keeps_what_was_searched_for():
    shown = render("<c-pager :page='page' />", page=Paginator(range(95), 20).page(2))

    assert "21 to 40 of 95" in shown
    assert 'href="?q=ama&amp;page=1" rel="prev"' in shown
    assert 'href="?q=ama&amp;page=3" rel="next"' in shown


def test_a_single_page_has_no_pager():
    assert render("<c-pager :page='page' />", page=Paginator(range(5), 20).page(1)) == ""


def test_tabs_of_a_menu_nobody_filled_are_not_there():
    assert render("<c-tabs menu='no such menu' label='x' />") == ""


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5 to 9"), (9, "5 to 9"),
        (10, "10 to 19"), (19, "10 to 19"), (20, "20"), (500, "500"),
    ],
)  # fmt: skip
def test_a_small_count_is_a_band(count, shown):
    assert band(count) == shown


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Priya Raman", "PR"),
        ("Ana Maria de Souza", "AS"),
        ("Cher", "C"),
        ("", ""),
        ("élan x", "ÉX"),
    ],
)
def test_initials_are_of_the_first_and_last_word(name, letters):
    assert initials(name) == letters


def test_minutes_are_written_as_agendas_do():
    assert minutes(20) == "20 min"


def test_an_icon_is_decoration_unless_it_says_something():
    assert 'aria-hidden="true"' in render("{% icon 'lock' %}")
    assert 'role="img" aria-label="Sealed"' in render("{% icon 'lock' label='Sealed' %}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_theme_is_in_the_first_byte(client, settings, db, theme):
    settings.DEMO = True
    client.cookies["theme"] = theme

    assert f'<html lang="en" data-theme="{theme}">' in client.get("/gallery/").text


def test_a_theme_nobody_offers_is_ignored(client, settings, db):
    settings.DEMO = True
    client.cookies["theme"] = HOSTILE

    assert '<html lang="en">' in client.get("/gallery/").text


@pytest.mark.parametrize(("demo", "status"), [(True, 200), (False, 404)])
def test_the_gallery_is_for_demonstrations_only(client, settings, db, demo, status):
    settings.DEMO = demo
    settings.DEBUG = False

    response = client.get("/gallery/")

    assert response.status_code == status
    assert ("Names and organisation are invented" in response.text) is demo


def test_a_page_that_is_not_there_says_so_in_our_layout(client, db):
    response = client.get("/no/such/page/")

    assert response.status_code == 404
    assert "There is nothing here for you" in response.text


@pytest.mark.parametrize(
    ("view", "status", "says"),
    [
        (bad_request, 400, "This request was not understood"),
        (permission_denied, 403, "This is not yours to do"),
        (page_not_found, 404, "There is nothing here for you"),
    ],
)
def test_an_error_says_what_to_do_and_never_why(db, view, status, says):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()

    answer = view(request, Exception(HOSTILE))

    assert answer.status_code == status
    assert f"<h1>{says}</h1>" in answer.text
    assert "alert(1)" not in answer.text
    assert "Go to the start page" in answer.text


def test_a_crash_is_shown_without_asking_the_database():
    answer = server_error(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert "This is our mistake, not yours" in answer.text


MAIL = {
    "organisation": "Ågren & Sons", "site_url": "https://m.example", "action_url": "https://m.example/a?b&c",
    "action_label": "Set a date",
}  # fmt: skip


def test_a_mail_has_one_button_and_says_why_it_came():
    shown = render_to_string("core/mail/base.html", MAIL)

    assert '<p class="action"><a href="https://m.example/a?b&amp;c">Set a date</a></p>' in shown
    assert "programme of Ågren &amp; Sons." in " ".join(shown.split())


def test_the_plain_mail_escapes_nothing():
    shown = render_to_string("core/mail/base.txt", MAIL)

    assert "Set a date:\nhttps://m.example/a?b&c\n" in shown
    assert "programme of Ågren & Sons." in shown
