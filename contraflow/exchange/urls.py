from django.urls import path

from contraflow.exchange.views import ledger, messages, notes

app_name = "exchange"
urlpatterns = [
    path("record/", ledger.record, name="record"),
    path("record/file/", ledger.record_file, name="record-file"),
    path("message/<slug:code>/taken-back/", messages.message_take_back, name="message-take-back"),
    path("note/<slug:code>/", notes.note_change, name="note-change"),
    path("promise/<slug:code>/", ledger.promise_settle, name="promise-settle"),
    path("<slug:code>/messages/", messages.messages, name="messages"),
    path("<slug:code>/notes/", notes.notes, name="notes"),
    path("<slug:code>/ledger/", ledger.ledger, name="ledger"),
]
