from django.urls import path

from contraflow.pairing.views import conflicts, drafts, options, reports

TWO = "draft/<slug:code>/pair/<slug:mentor>/<slug:mentee>"
app_name = "pairing"
urlpatterns = [
    path("draft/<slug:code>/", drafts.draft, name="draft"),
    path("draft/<slug:code>/again/", drafts.again, name="again"),
    path("draft/<slug:code>/rematch/", drafts.rematch, name="rematch"),
    path("draft/<slug:code>/keep/", drafts.keep, name="keep"),
    path("draft/<slug:code>/stop/", options.stop, name="stop"),
    path("draft/<slug:code>/options/", options.price, name="options"),
    path("draft/<slug:code>/choose/", options.choose, name="choose"),
    path("draft/<slug:code>/try/", options.try_help, name="try"),
    path("draft/<slug:code>/report/", reports.report, name="report"),
    path("draft/<slug:code>/report/<slug:kind>/", reports.report_file, name="report-file"),
    path("draft/<slug:code>/publish/", drafts.publish, name="publish"),
    path("draft/<slug:code>/undo/", drafts.undo, name="undo"),
    path("draft/<slug:code>/swap/<slug:mentor>/", drafts.swap, name="swap"),
    path(f"{TWO}/", drafts.pair, name="pair"),
    path(f"{TWO}/cost/", drafts.cost, name="cost"),
    path(f"{TWO}/leaving/", drafts.leaving, name="leaving"),
    path(f"{TWO}/decide/", drafts.decide, name="decide"),
    path("paused/<slug:code>/", conflicts.clear, name="clear"),
    path("<slug:code>/", drafts.cohort, name="cohort"),
    path("<slug:code>/propose/", drafts.propose, name="propose"),
    path("<slug:code>/partners/", drafts.partners, name="partners"),
    path("<slug:code>/drafts/", drafts.drafts, name="drafts"),
]
