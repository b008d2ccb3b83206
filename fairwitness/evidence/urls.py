"""The addresses of evidence: opaque keys only, never a name, a number or a word that was searched for."""

from django.contrib.auth.decorators import login_required
from django.urls import path

from fairwitness.evidence.pages import holds, incidents, lists, preservation, recording

urlpatterns = [
    path("recordings/", login_required(lists.recordings), name="recordings"),
    path("recordings/export.csv", login_required(lists.recordings_csv), name="recordings-csv"),
    path("recordings/whose/", login_required(lists.unknown_owners), name="unknown-owners"),
    path("recordings/without-incident/", login_required(incidents.queue), name="without-incident"),
    path("recordings/counts/", login_required(lists.counts), name="counts"),
    path("recordings/deliveries/", login_required(lists.deliveries), name="deliveries"),
    path("recordings/<uuid:pk>/", login_required(recording.recording), name="recording"),
    path("recordings/<uuid:pk>/open/", login_required(recording.open_recording), name="open-recording"),
    path("recordings/<uuid:pk>/history.csv", login_required(recording.history_csv), name="recording-history"),
    path("recordings/<uuid:pk>/read-again/", login_required(recording.read_again), name="read-again"),
    path("recordings/<uuid:pk>/receipt/", login_required(recording.receipt), name="receipt"),
    path("recordings/<uuid:pk>/notes/", login_required(recording.add_note), name="add-note"),
    path("recordings/<uuid:pk>/incident/", login_required(incidents.link), name="link-incident"),
    path("incident-links/<uuid:pk>/withdraw/", login_required(incidents.unlink), name="unlink-incident"),
    path("notes/<uuid:pk>/withdraw/", login_required(recording.withdraw_note), name="withdraw-note"),
    path("attachments/<uuid:pk>/", login_required(recording.attachment), name="attachment"),
    path("viewings/<uuid:pk>/", login_required(recording.viewing), name="viewing"),
    path("viewings/<uuid:pk>/beat/", login_required(recording.beat), name="beat"),
    path("viewings/<uuid:pk>/close/", login_required(recording.close_recording), name="close-recording"),
    path("viewings/<uuid:pk>/media/<slug:what>", login_required(recording.media), name="media"),
    path("recordings/<uuid:pk>/hold/", login_required(holds.over_recording), name="recording-hold"),
    path("incidents/<uuid:pk>/hold/", login_required(holds.over_incident), name="incident-hold"),
    path("holds/", login_required(holds.listed), name="holds"),
    path("holds/export.csv", login_required(holds.listed_csv), name="holds-csv"),
    path("holds/<uuid:pk>/", login_required(holds.hold), name="hold"),
    path("holds/<uuid:pk>/add/", login_required(holds.add), name="hold-add"),
    path("holds/<uuid:pk>/extend/", login_required(holds.extend), name="hold-extend"),
    path("holds/<uuid:pk>/lift/", login_required(holds.lift), name="hold-lift"),
    path("held/<uuid:pk>/release/", login_required(holds.release), name="hold-release"),
    path("preservation/", preservation.requests, name="preservation"),
    path("preservation/<uuid:pk>/", preservation.asked, name="preservation-request"),
    path("preservation/<uuid:pk>/confirm/", preservation.confirm, name="preservation-confirm"),
    path("preservation/<uuid:pk>/lift/", preservation.lift, name="preservation-lift"),
    path("preserve/", preservation.start, name="preserve"),
    path("preserve/incident/", preservation.by_number, name="preserve-incident"),
    path("preserve/place/", preservation.by_place, name="preserve-place"),
    path("preserve/sent/<uuid:pk>/", preservation.sent, name="preserve-sent"),
]
