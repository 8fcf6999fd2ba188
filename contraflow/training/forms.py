"""The shape of what is typed around training."""

from django import forms
from django.utils.translation import gettext_lazy

from contraflow.training.models import OwnModule
from contraflow.training.modules import Module
from contraflow.training.writing import faults_of_questions, faults_of_text


class QuizForm(forms.Form):
    """The questions of a module; what is chosen lives in this form and is kept nowhere."""

    def __init__(self, *args, module: Module, **kwargs):
        super().__init__(*args, **kwargs)
        self.module = module
        for number, question in enumerate(module.quiz, 1):
            self.fields[f"q{number}"] = forms.TypedChoiceField(
                label=question.q,
                choices=list(enumerate(question.options)),
                widget=forms.RadioSelect,
                coerce=int,
                empty_value=None,
                required=False,
            )

    @property
    def answers(self) -> list[int | None]:
        """Return the place of each chosen option, None where nothing is chosen."""
        return [self.cleaned_data.get(name) for name in self.fields]

    def explained(self):
        """Yield each question with what is said below it once it is answered, right or wrong."""
        answers = self.answers if self.is_bound and self.is_valid() else [None] * len(self.fields)
        rows = zip(self, self.module.quiz, answers, strict=True)
        for number, (field, question, answer) in enumerate(rows, 1):
            yield {
                "number": number,
                "field": field,
                "is_answered": answer is not None,
                "is_right": answer == question.answer,
                "best": question.options[question.answer],
                "why": question.why,
            }


class OwnModuleForm(forms.ModelForm):
    """A module of the programme's own, with its faults by line."""

    class Meta:
        model = OwnModule
        fields = ("title", "minutes", "role", "before_session_2", "text", "questions")
        widgets = {
            "text": forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
            "questions": forms.Textarea(attrs={"rows": 10, "spellcheck": "true"}),
        }
        help_texts = {
            "minutes": gettext_lazy("how long it takes, from 1 to 60"),
            "text": gettext_lazy(
                "Markdown: a line that begins with # or ## begins a screen; **strong**, *soft*, "
                "- for lists, [words](https://…) for links. No HTML, no pictures."
            ),
            "questions": gettext_lazy(
                "If you like: ? a question, - an answer, + the right answer, ! why it is right. "
                "One thing to a line."
            ),
        }

    def clean_text(self):
        """Refuse text that would not come out as it is meant."""
        text = self.cleaned_data["text"]
        if faults := [str(fault) for fault in faults_of_text(text)]:
            raise forms.ValidationError(faults)
        return text

    def clean_questions(self):
        """Refuse questions that are not whole."""
        questions = self.cleaned_data["questions"]
        if faults := [str(fault) for fault in faults_of_questions(questions)]:
            raise forms.ValidationError(faults)
        return questions
