from django.urls import path

from contraflow.training.views import book, learning, own_modules, progress

app_name = "training"
urlpatterns = [
    path("", learning.own, name="own"),
    path("guide/<slug:role>/", learning.guide, name="guide"),
    path("module/<slug:key>/", learning.module, name="module"),
    path("module/<slug:key>/on/", learning.module_on, name="module-on"),
    path("module/<slug:key>/<int:number>/", learning.screen, name="screen"),
    path("book/", book.book, name="book"),
    path("book/file/", book.book_file, name="book-file"),
    path("cohort/<slug:code>/", progress.progress, name="progress"),
    path("cohort/<slug:code>/reminded/", progress.remind, name="remind"),
    path("programme/<slug:code>/", own_modules.own_module_list, name="own-modules"),
    path("programme/<slug:code>/new/", own_modules.own_module_new, name="own-module-new"),
    path("own/<slug:code>/", own_modules.own_module, name="own-module"),
    path("own/<slug:code>/state/", own_modules.own_module_move, name="own-module-move"),
]
