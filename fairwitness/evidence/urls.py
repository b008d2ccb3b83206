"""The addresses of evidence: opaque keys only, never a name, a number or a word that was searched for."""

from django.contrib.auth.decorators import login_required
from django.urls import path

from fairwitness.evidence.pages import disposal, incidents, lists, recording

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
    path("disposal/", login_required(disposal.lists), name="disposal-lists"),
    path("disposal/<uuid:pk>/", login_required(disposal.one_list), name="disposal-list"),
    path("disposal/<uuid:pk>/approve/", login_required(disposal.approve), name="disposal-approve"),
    path("disposal/<uuid:pk>/strike/", login_required(disposal.strike), name="disposal-strike"),
    path("disposal/<uuid:pk>/take-back/", login_required(disposal.take_back), name="disposal-take-back"),
    path("disposal/<uuid:pk>/list.csv", login_required(disposal.export), name="disposal-csv"),
    path("recordings/<uuid:pk>/certificate/", login_required(disposal.certificate), name="certificate"),
    path(
        "recordings/<uuid:pk>/certificate.json",
        login_required(disposal.certificate_file),
        name="certificate-file",
    ),
]
