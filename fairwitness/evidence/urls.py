"""The addresses of evidence: opaque keys only, never a name, a number or a word that was searched for."""

from django.contrib.auth.decorators import login_required
from django.urls import path

from fairwitness.evidence.pages import incidents, keeping, lists, recording

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
    path("recordings/<uuid:pk>/categories/", login_required(keeping.categorise), name="categorise"),
    path("recordings/<uuid:pk>/settle/", login_required(keeping.settle), name="settle"),
    path(
        "categories/<uuid:pk>/withdraw/", login_required(keeping.withdraw_category), name="withdraw-category"
    ),
    path(
        "settlements/<uuid:pk>/confirm/",
        login_required(keeping.confirm_settlement),
        name="confirm-settlement",
    ),
    path(
        "settlements/<uuid:pk>/withdraw/",
        login_required(keeping.withdraw_settlement),
        name="withdraw-settlement",
    ),
    path("retention/", login_required(keeping.retention), name="retention"),
    path("retention/try/", login_required(keeping.try_recordings), name="dry-run-recordings"),
    path("retention/lists/<slug:what>/", login_required(keeping.kept), name="kept"),
    path("retention/lists/<slug:what>.csv", login_required(keeping.kept_csv), name="kept-csv"),
    path("retention/deliveries/<uuid:pk>/", login_required(keeping.settle_delivery), name="settle-delivery"),
    path("retention/what-if/<str:number>/<int:n>/", login_required(keeping.what_if), name="what-if"),
    path("retention/dry-runs/<uuid:pk>/", login_required(keeping.run), name="dry-run"),
    path("retention/dry-runs/<uuid:pk>/list.csv", login_required(keeping.run_csv), name="dry-run-csv"),
    path("retention/dry-runs/<uuid:pk>/approve/", login_required(keeping.approve), name="dry-run-approve"),
    path("retention/dry-runs/<uuid:pk>/withdraw/", login_required(keeping.withdraw), name="dry-run-withdraw"),
    path("notes/<uuid:pk>/withdraw/", login_required(recording.withdraw_note), name="withdraw-note"),
    path("attachments/<uuid:pk>/", login_required(recording.attachment), name="attachment"),
    path("viewings/<uuid:pk>/", login_required(recording.viewing), name="viewing"),
    path("viewings/<uuid:pk>/beat/", login_required(recording.beat), name="beat"),
    path("viewings/<uuid:pk>/close/", login_required(recording.close_recording), name="close-recording"),
    path("viewings/<uuid:pk>/media/<slug:what>", login_required(recording.media), name="media"),
]
