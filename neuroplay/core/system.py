"""The adapters that the use cases need (`Ports`), and all use cases built on them (`UseCases`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuroplay.core import use_cases as of
    from neuroplay.core.entities.allowance import Allowance
    from neuroplay.core.entities.principal import TokenRecord
    from neuroplay.core.entities.retention import RetentionPolicy
    from neuroplay.core.interfaces.services import (
        AskLimiter,
        AttemptLimiter,
        Cache,
        Clock,
        Gather,
        HashPayload,
        NewId,
        Passkeys,
        Passphrases,
        RateLimiter,
        RecordErasures,
        ReplayVerifier,
        Secrets,
        Unforeseen,
        WakeUp,
        WriteJson,
    )
    from neuroplay.core.interfaces.unit_of_work import UnitOfWorkFactory
    from neuroplay.core.use_cases import (  # noqa: F401 - `of` has them
        accept_sync,
        adult_classes,
        adult_held,
        adult_new_class,
        adult_self,
        adult_session,
        adult_sign_in,
        adult_student,
        adults,
        answer_offer,
        apply_roster,
        archive_class,
        cards,
        class_life,
        create_class,
        drain_inbox,
        end_adult,
        erase_class,
        export_class,
        export_rounds,
        find_nicknames,
        find_people,
        import_outbox,
        inspect_sync,
        looks,
        make_up_play,
        manage_students,
        merge_students,
        own_passkeys,
        passkey_sign_in,
        preview_roster,
        read_audit,
        read_epoch,
        read_progress,
        recompute,
        replay_sync,
        report_class,
        retain,
        sign_in,
        student_life,
        sync_budget,
        undo_import,
        verify_sessions,
    )


@dataclass(frozen=True, kw_only=True)
class Ports:
    """A factory for each adapter that the use cases need.

    Each is called once, when a use case first needs its adapter. Adapters that are not used are
    therefore never imported, opened or started.
    """

    uow: Callable[[], UnitOfWorkFactory]
    clock: Callable[[], Clock]
    new_id: Callable[[], NewId]
    secrets: Callable[[], Secrets]
    release: Callable[[], str]
    allowance: Callable[[], Allowance]
    retention: Callable[[], RetentionPolicy]
    rate_limiter: Callable[[], RateLimiter]
    adult_attempts: Callable[[], AttemptLimiter]
    adult_asks: Callable[[], AskLimiter]
    passphrases: Callable[[], Passphrases]
    passkeys: Callable[[], Passkeys]
    cache: Callable[[], Cache[TokenRecord]]
    gather: Callable[[], Gather]
    hash_payload: Callable[[], HashPayload]
    write_json: Callable[[], WriteJson]
    record_erasures: Callable[[], RecordErasures]
    wake_up: Callable[[], WakeUp]
    unforeseen: Callable[[], Unforeseen]
    verifier: Callable[[], ReplayVerifier]


class UseCases:
    """All use cases. Each is imported and created at its first use.

    Its constructor gets the ports and use cases that have the names of its parameters.
    """

    accept_sync: of.accept_sync.AcceptSync
    add_class: of.adult_new_class.AddClass
    add_passkey: of.own_passkeys.AddPasskey
    add_student: of.student_life.AddStudent
    answer_offer: of.answer_offer.AnswerOffer
    apply_roster: of.apply_roster.ApplyRoster
    archive_class: of.archive_class.ArchiveClass
    ask_for_passkey: of.passkey_sign_in.AskForPasskey
    authenticate: of.sign_in.Authenticate
    authenticate_adult: of.adult_session.AuthenticateAdult
    begin_passkey: of.own_passkeys.BeginPasskey
    budget: of.sync_budget.SyncBudget
    change_adults_classes: of.adults.ChangeAdultsClasses
    change_class: of.class_life.ChangeClass
    change_passphrase: of.adult_sign_in.ChangePassphrase
    check_sessions: of.inspect_sync.CheckSessions
    class_cards: of.cards.ClassCards
    confirm_passphrase: of.adult_sign_in.ConfirmPassphrase
    create_class: of.create_class.CreateClass
    decide_held: of.adult_held.DecideHeld
    drain_inbox: of.drain_inbox.DrainInbox
    end_adult: of.end_adult.EndAdult
    end_adults_sign_ins: of.adults.EndAdultsSignIns
    end_sign_ins: of.sign_in.EndSignIns
    erase_adult: of.end_adult.EraseAdult
    erase_class: of.erase_class.EraseClass
    erase_student: of.manage_students.EraseStudent
    export_class: of.export_class.ExportClass
    export_rounds: of.export_rounds.ExportRounds
    export_student: of.manage_students.ExportStudent
    find_class: of.find_people.FindClass
    find_nicknames: of.find_nicknames.FindNicknames
    find_student: of.find_people.FindStudent
    import_outbox: of.import_outbox.ImportOutbox
    invite_adult: of.adults.InviteAdult
    join_adult: of.adult_sign_in.JoinAdult
    list_adults: of.adults.ListAdults
    list_classes: of.class_life.ListClasses
    list_devices: of.inspect_sync.ListDevices
    list_imports: of.undo_import.ListImports
    list_own_classes: of.adult_self.ListOwnClasses
    list_sign_ins: of.sign_in.ListSignIns
    list_own_passkeys: of.own_passkeys.ListOwnPasskeys
    list_students: of.manage_students.ListStudents
    list_sync: of.inspect_sync.ListSync
    make_up_play: of.make_up_play.MakeUpPlay
    merge_students: of.merge_students.MergeStudents
    move_student: of.student_life.MoveStudent
    name_clashes: of.find_people.NameClashes
    note_export: of.looks.NoteExport
    open_invitation: of.adult_sign_in.OpenInvitation
    preview_roster: of.preview_roster.PreviewRoster
    read_class: of.adult_classes.ReadClass
    read_class_devices: of.adult_classes.ReadClassDevices
    read_audit: of.read_audit.ReadAudit
    read_epoch: of.read_epoch.ReadEpoch
    read_held: of.adult_held.ReadHeld
    read_leaderboard: of.read_progress.ReadLeaderboard
    read_overview: of.adult_classes.ReadOverview
    read_progress: of.read_progress.ReadProgress
    read_sessions: of.read_progress.ReadSessions
    read_student: of.adult_student.ReadStudent
    recompute: of.recompute.Recompute
    remove_adults_passkeys: of.own_passkeys.RemoveAdultsPasskeys
    remove_passkey: of.own_passkeys.RemovePasskey
    rename_student: of.student_life.RenameStudent
    replay_sync: of.replay_sync.ReplaySync
    report_class: of.report_class.ReportClass
    reset_adult: of.adults.ResetAdult
    reset_card: of.manage_students.ResetCard
    retain: of.retain.Retain
    show_student: of.manage_students.ShowStudent
    show_sync: of.inspect_sync.ShowSync
    sign_in: of.sign_in.SignIn
    sign_in_adult: of.adult_sign_in.SignInAdult
    sign_in_with_passkey: of.passkey_sign_in.SignInWithPasskey
    sign_out: of.sign_in.SignOut
    sign_out_adult: of.adult_session.SignOutAdult
    sync_status: of.inspect_sync.SyncStatus
    undo_import: of.undo_import.UndoImport
    verify_sessions: of.verify_sessions.VerifySessions

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._making = RLock()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Create the use case or port once, even if several threads need it at once."""
            if name not in _CASES and name not in _PORTS:
                raise AttributeError(name)
            with self._making:
                if name not in self.__dict__:
                    self.__dict__[name] = self._make(name)
            return self.__dict__[name]

    def _make(self, name: str) -> Any:
        if name in _PORTS:
            return getattr(self._ports, name)()
        _, module, kind = _CASES[name].split(".")
        case = getattr(import_module(f"neuroplay.core.use_cases.{module}"), kind)
        wanted = signature(case).parameters.keys() & (_CASES.keys() | _PORTS.keys())
        return case(**{one: getattr(self, one) for one in wanted})


_CASES: Mapping[str, str] = UseCases.__annotations__
_PORTS: Mapping[str, str] = Ports.__annotations__
