from django.urls import path

from contraflow.people.views import by_hand, exports, imports, installation, people, sign_in

app_name = "people"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/password/", sign_in.sign_in_by_password, name="sign-in-by-password"),
    path("sign-in/link/", sign_in.sign_in_link, name="sign-in-link"),
    path("sign-in/link/<str:secret>/", sign_in.sign_in_by_link, name="sign-in-by-link"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("password/", sign_in.password, name="password"),
    path("profile/", people.profile_edit, name="profile-edit"),
    path("roles/", people.role_list, name="role-list"),
    path("roles/grant/", people.role_grant, name="role-grant"),
    path("roles/<int:pk>/revoke/", people.role_revoke, name="role-revoke"),
    path("import/", imports.import_list, name="import-list"),
    path("import/upload/", imports.import_upload, name="import-upload"),
    path("import/<slug:code>/", imports.import_page, name="import"),
    path("import/<slug:code>/columns/", imports.import_map, name="import-map"),
    path("import/<slug:code>/apply/", imports.import_apply, name="import-apply"),
    path("import/<slug:code>/throw-away/", imports.import_throw_away, name="import-throw-away"),
    path("import/<slug:code>/bad-rows/", imports.import_bad_rows, name="import-bad-rows"),
    path("export/<slug:kind>/", exports.export, name="export"),
    path("installation/", installation.installation, name="installation"),
    path("installation/key/", installation.key_backup, name="key-backup"),
    path("", people.people_list, name="list"),
    path("add/", by_hand.person_add, name="add"),
    path("<slug:code>/", people.person, name="person"),
    path("<slug:code>/edit/", by_hand.person_edit, name="edit"),
    path("<slug:code>/left/", by_hand.person_leave, name="leave"),
    path("<slug:code>/back/", by_hand.person_take_back, name="take-back"),
]
