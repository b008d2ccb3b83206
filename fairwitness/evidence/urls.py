"""The addresses of evidence: opaque keys only, never a name, a number or a word that was searched for."""

from django.contrib.auth.decorators import login_required
from django.urls import path
from django.utils.translation import gettext_lazy as _

from fairwitness.evidence import doors
from fairwitness.evidence.pages import (
    access,
    clips,
    clocks,
    disposal,
    dry_runs,
    holds,
    incidents,
    keeping,
    lists,
    preservation,
    recording,
    retention,
    side_by_side,
)
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.roles import Reach
from fairwitness.kernel.ways import Group, Way

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
    path("recordings/<uuid:pk>/clips/", login_required(clips.ask), name="clip-ask"),
    path("clips/<uuid:pk>/clip.mp4", login_required(clips.take), name="clip-take"),
    path("clips/<uuid:pk>/proof.json", login_required(clips.proof), name="clip-proof"),
    path("clips/<uuid:pk>/withdraw/", login_required(clips.withdraw), name="clip-withdraw"),
    path("recordings/<uuid:pk>/clock/dispatch/", login_required(clocks.by_dispatch), name="clock-dispatch"),
    path("recordings/<uuid:pk>/clock/mark/", login_required(clocks.by_mark), name="clock-mark"),
    path("offsets/<uuid:pk>/withdraw/", login_required(clocks.withdraw), name="clock-withdraw"),
    path("incidents/<uuid:pk>/cameras/", login_required(side_by_side.of_incident), name="incident-cameras"),
    path("side-by-side/", login_required(side_by_side.chosen), name="side-by-side"),
    path("side-by-side/open/", login_required(side_by_side.open_together), name="side-by-side-open"),
    path("side-by-side/close/", login_required(side_by_side.close_together), name="side-by-side-close"),
    path("side-by-side/notes/", login_required(side_by_side.add_note), name="side-by-side-note"),
    path("side-by-side/marks/", login_required(side_by_side.mark), name="side-by-side-mark"),
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
    path("retention/", login_required(retention.retention), name="retention"),
    path("retention/try/", login_required(dry_runs.try_recordings), name="dry-run-recordings"),
    path("retention/lists/<slug:what>/", login_required(retention.kept), name="kept"),
    path("retention/lists/<slug:what>.csv", login_required(retention.kept_csv), name="kept-csv"),
    path("retention/deliveries/<uuid:pk>/", login_required(keeping.settle_delivery), name="settle-delivery"),
    path("retention/what-if/<str:number>/<int:n>/", login_required(dry_runs.what_if), name="what-if"),
    path("retention/dry-runs/<uuid:pk>/", login_required(dry_runs.run), name="dry-run"),
    path("retention/dry-runs/<uuid:pk>/list.csv", login_required(dry_runs.run_csv), name="dry-run-csv"),
    path("retention/dry-runs/<uuid:pk>/approve/", login_required(dry_runs.approve), name="dry-run-approve"),
    path(
        "retention/dry-runs/<uuid:pk>/withdraw/", login_required(dry_runs.withdraw), name="dry-run-withdraw"
    ),
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
    path("preservation/export.csv", preservation.requests_csv, name="preservation-csv"),
    path("preservation/<uuid:pk>/", preservation.asked, name="preservation-request"),
    path("preservation/<uuid:pk>/confirm/", preservation.confirm, name="preservation-confirm"),
    path("preservation/<uuid:pk>/lift/", preservation.lift, name="preservation-lift"),
    path("preserve/", preservation.start, name="preserve"),
    path("preserve/incident/", preservation.by_number, name="preserve-incident"),
    path("preserve/place/", preservation.by_place, name="preserve-place"),
    path("preserve/follow/", preservation.follow, name="preserve-follow"),
    path("preserve/sent/<uuid:pk>/", preservation.sent, name="preserve-sent"),
    path("access/", login_required(access.mine), name="my-access"),
    path("access/grants/", login_required(access.grants), name="grants"),
    path("access/grants/<uuid:pk>/end/", login_required(access.grant_end), name="grant-end"),
    path("access/watch/", login_required(access.watch), name="watch"),
    path("access/watch/<uuid:pk>/", login_required(access.sign), name="sign"),
    path("access/watch/<uuid:pk>/decide/", login_required(access.decide), name="watch-decide"),
    path("recordings/<uuid:pk>/access/", login_required(access.grant_recording), name="recording-grant"),
    path("recordings/<uuid:pk>/orders/", login_required(access.order), name="record-order"),
    path("access/orders/<uuid:pk>/withdraw/", login_required(access.order_withdraw), name="withdraw-order"),
    path("incidents/<uuid:pk>/access/", login_required(access.grant_incident), name="incident-grant"),
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


def _sees_retention(actor: Actor) -> bool:
    return doors.far(actor, "see_retention") > Reach.NONE


def _outside(actor: Actor) -> bool:
    return not actor.member_id


WAYS = (
    Way(
        "recordings",
        _("Recordings"),
        Group.EVIDENCE,
        doors.may_list,
        (
            "/viewings/",
            "/holds/",
            "/held/",
            "/preservation/",
            "/access/",
            "/side-by-side/",
            "/clips/",
            "/offsets/",
        ),
    ),
    Way("retention", _("Retention"), Group.EVIDENCE, _sees_retention, ("/disposal/",)),
    Way("preserve", _("Keep a recording"), None, _outside),
)
