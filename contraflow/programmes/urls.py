from django.urls import path

from contraflow.programmes.views import cohorts, enrolments, hours, profiles, programmes

app_name = "programmes"
urlpatterns = [
    path("", programmes.programme_list, name="list"),
    path("new/", programmes.programme_new, name="new"),
    path("topics/", programmes.topics, name="topics"),
    path("objectives/<slug:code>/", programmes.objective, name="objective"),
    path("objectives/<slug:code>/change/", programmes.objective_change, name="objective-change"),
    path("objectives/<slug:code>/readings/", programmes.readings, name="readings"),
    path("cohorts/<slug:code>/", cohorts.cohort, name="cohort"),
    path("cohorts/<slug:code>/settings/", cohorts.cohort_settings, name="cohort-settings"),
    path("cohorts/<slug:code>/move/", cohorts.cohort_move, name="cohort-move"),
    path("cohorts/<slug:code>/archived/", cohorts.cohort_archive, name="cohort-archive"),
    path("cohorts/<slug:code>/plan/", cohorts.plan, name="plan"),
    path("cohorts/<slug:code>/plan/<int:number>/", cohorts.planned_session, name="planned-session"),
    path(
        "cohorts/<slug:code>/plan/<int:number>/change/",
        cohorts.planned_session_change,
        name="planned-session-change",
    ),
    path("cohorts/<slug:code>/hours/", hours.ask, name="hours-ask"),
    path("hours/<str:secret>/", hours.answer, name="hours"),
    path("cohorts/<slug:code>/invite/", cohorts.cohort_invite, name="invite"),
    path("cohorts/<slug:code>/apply/", cohorts.apply, name="apply"),
    path("cohorts/<slug:code>/decide/", cohorts.decide, name="decide"),
    path("draws/<slug:code>/", cohorts.draw, name="draw"),
    path("draws/<slug:code>/log.csv", cohorts.draw_log, name="draw-log"),
    path("enrolments/<slug:code>/", enrolments.enrolment, name="enrolment"),
    path("enrolments/<slug:code>/answer/", enrolments.answer, name="answer"),
    path("enrolments/<slug:code>/leave/", enrolments.leave, name="leave"),
    path("enrolments/<slug:code>/place/", enrolments.place, name="place"),
    path("enrolments/<slug:code>/profile/", profiles.profile, name="profile"),
    path("enrolments/<slug:code>/profile/finish/", profiles.profile_finish, name="profile-finish"),
    path("enrolments/<slug:code>/profile/<slug:step>/", profiles.profile_step, name="profile-step"),
    # last: any other single word is a programme's code
    path("<slug:code>/", programmes.programme, name="programme"),
    path("<slug:code>/edit/", programmes.programme_edit, name="programme-edit"),
    path("<slug:code>/stewards/", programmes.stewards, name="stewards"),
    path("<slug:code>/objectives/", programmes.objective_new, name="objective-new"),
    path("<slug:code>/cohorts/", cohorts.cohort_new, name="cohort-new"),
]
