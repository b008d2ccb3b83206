"""The addresses of evidence: opaque keys only, never a name, a number or a word that was searched for."""

from django.contrib.auth.decorators import login_required
from django.urls import path

from fairwitness.evidence.pages import access, incidents, lists, recording

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
    path("access/", login_required(access.mine), name="my-access"),
    path("access/grants/", login_required(access.grants), name="grants"),
    path("access/grants/<uuid:pk>/end/", login_required(access.grant_end), name="grant-end"),
    path("access/watch/", login_required(access.watch), name="watch"),
    path("access/watch/<uuid:pk>/", login_required(access.sign), name="sign"),
    path("access/watch/<uuid:pk>/decide/", login_required(access.decide), name="watch-decide"),
    path("recordings/<uuid:pk>/access/", login_required(access.grant_recording), name="recording-grant"),
    path("incidents/<uuid:pk>/access/", login_required(access.grant_incident), name="incident-grant"),
]
