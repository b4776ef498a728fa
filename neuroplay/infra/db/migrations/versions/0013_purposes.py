"""Say of every table and column what it holds, why, and for how long.

`neuroplay/infra/db/data_map.py` reads the comments: "What it is. About: whom. Why: a reason. Kept:
how long." What a column's comment leaves out is as in its table's. They block no reader or writer.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = {
    "audit": "What operators decided. About: operators, students by number. "
    "Why: it can be answered who erased, approved or changed something. "
    "Kept: as long as the installation; the details of a student go when the student is erased.",
    "classes": "A group of students. About: nobody. "
    "Why: students sign in with its code and share a leaderboard. Kept: until the class is erased.",
    "devices": "Which device a student played on, and what it has not sent. About: students. "
    "Why: adults see which tablet still holds games. "
    "Kept: the last 100 devices of a student, until the student is erased.",
    "game_sessions": "Rounds that counted. About: students. "
    "Why: XP, levels, badges and the leaderboard follow from them. "
    "Kept: until the student is erased.",
    "installation": "One row about this installation. About: nobody. "
    "Why: a database with cards of another secret is noticed. Kept: as long as the installation.",
    "student_achievements": "Badges of a student. About: students. "
    "Why: a badge that was won stays. Kept: until the student is erased.",
    "student_games": "What a student reached in each game. About: students. "
    "Why: the app shows it without reading all rounds. Kept: until the student is erased.",
    "students": "The children who play. About: students. "
    "Why: each child has a card, a level and badges. Kept: until the student is erased.",
    "sync_attempts": "Tries that did not succeed at once, and decisions about a received round. "
    "About: students by way of the inbox, operators. Why: it can be answered why a round did not "
    "count. Kept: as long as the received round.",
    "sync_budgets": "How much a student's devices sent lately. About: students. "
    "Why: one device cannot fill the disk. Kept: until the student is erased.",
    "sync_inbox": "Rounds as devices sent them. About: students. "
    "Why: nothing acknowledged is lost, and rules can be applied again. "
    "Kept: until the student is erased.",
    "tokens": "Sign-ins, and what is left of them after an erasure. About: students. "
    "Why: a device stays signed in, and deletes its copies when its student is erased. "
    "Kept: valid for 400 days after the last use; at most 500 ended ones a student; after an "
    "erasure a row without device for as long as the installation.",
}

COLUMNS = {
    "audit": {
        "audit_id": "Number of the entry. Why: it orders and identifies entries.",
        "who": "The operator's user name on the machine. About: operators. "
        "Why: somebody answers for it.",
        "what": "What was done, such as `student erased`.",
        "target": "To what, such as `student 12`.",
        "details": "More about it: numbers, ids, a reason the operator wrote.",
        "at": "When.",
    },
    "classes": {
        "class_id": "Number of the class. Why: students refer to it.",
        "name": "Name that the school chose. Why: adults and children recognise the class.",
        "code": "Class code on the cards. Why: half of a sign-in.",
        "leaderboard_enabled": "Whether the class has a leaderboard. Why: a school may do without.",
        "created_at": "When it was created. Why: lists are sorted by it.",
        "day_minutes": "Minutes of play a day before the gentle end. Why: the school decides.",
    },
    "devices": {
        "device_id": "Random number that the browser made. Why: two tablets of a child differ.",
        "student_id": "Whose.",
        "last_contact": "When it last sent or asked. Why: a tablet that is silent is noticed.",
        "pending": "How many rounds it has not sent.",
        "oldest": "When the oldest of them ended.",
    },
    "game_sessions": {
        "session_id": "Random number that the device made. Why: a round counts once.",
        "student_id": "Who played.",
        "game_type": "Which game. Why: results are kept for each game.",
        "game_version": "Release of its rules. Why: it is verified with the same rules.",
        "score": "Points. Why: best results and the leaderboard.",
        "duration": "Seconds of play. Why: no round takes longer than the time that passed.",
        "accuracy": "Share of right answers, 0 to 1. Why: rating and XP.",
        "completed": "Whether it was played to its end. Why: XP.",
        "difficulty": "The level at which the round began. Why: XP, and the next round's level.",
        "started_at": "Start, corrected to the server's clock. Why: rounds never overlap.",
        "ended_at": "End, corrected to the server's clock. Why: play days and the week's board.",
        "utc_offset_minutes": "The device's time zone. Why: a play day is the child's own day.",
        "xp_gained": "XP that it gave. Why: the family sees where XP came from.",
        "rating": "Word for the accuracy. Why: a badge counts excellent rounds.",
        "verdict": "Whether it was verified. Why: only verified rounds are ranked.",
        "trace_hash": "Hash of the child's inputs. Why: a copied round is noticed.",
        "stored_at": "When it counted. Why: of two equal courses the first is ranked.",
        "verify_due_at": "When it is verified next. Why: verification waits for idle time.",
        "verify_tries": "How often verification was tried. Why: it waits longer each time.",
        "verify_reasons": "What differs from the replayed round. Why: an adult reviews it.",
        "seed": "The course of a round with a trace: 32 bits. Why: a copied course is noticed.",
        "next_difficulty": "The level that the game chose for the next round. "
        "Why: the child's other tablets begin there.",
    },
    "installation": {
        "is_it": "Always true. Why: there is one row.",
        "secret_mark": "Mark of the secret, which does not reveal it.",
        "since": "When the secret came into use. Why: an operator sees when it was replaced.",
    },
    "student_achievements": {
        "student_id": "Whose.",
        "achievement_id": "Which badge.",
        "unlocked_at": "When it was won. Why: the child sees it.",
        "session_id": "The round that won it. Why: a round shows what it won.",
    },
    "student_games": {
        "student_id": "Whose.",
        "game_type": "Which game.",
        "plays": "Rounds that counted. Why: badges, and the choice of a game for the day.",
        "best_score": "Best score. Why: the child sees its own best.",
        "difficulty": "Level of the next round. Why: a game begins where the child is.",
        "last_ended_at": "When the newest round ended. Why: its level is the one that holds.",
    },
    "students": {
        "student_id": "Number of the student. Why: everything else refers to it.",
        "class_id": "Class. Why: card, leaderboard and the school's lists.",
        "nickname": "Name that the school chose, which need not be real. Why: the child and the "
        "class recognise it.",
        "avatar": "Animal that stands for the student. Why: children who cannot read find theirs.",
        "card_version": "How often the card was replaced. Why: a lost card stops working.",
        "created_at": "When it was added. Why: lists are sorted by it.",
        "xp": "Points of all counted rounds. Why: the level.",
        "sessions": "Number of counted rounds. Why: badges.",
        "excellent_sessions": "Of them, the excellent ones. Why: a badge.",
        "top_difficulty": "The lanterns of the hardest round, 1 to 5. Why: a badge.",
        "play_days": "Days with a round, in the child's calendar. Why: streaks.",
        "first_sign_in_at": "First sign-in. Why: no round is older.",
        "played_s": "Seconds of play counted. Why: no child plays more time than has passed.",
    },
    "sync_attempts": {
        "attempt_id": "Number of the try. Why: it orders them.",
        "inbox_id": "Of which received round.",
        "at": "When.",
        "state": "What it led to.",
        "error_code": "What went wrong, as a code.",
        "error": "The same in words.",
        "reasons": "Why the round is doubtful.",
        "release": "Release of NeuroPlay that tried. Why: a fault of a release is found.",
        "who": "The operator; null for a worker. About: operators. Why: somebody answers for it.",
    },
    "sync_budgets": {
        "student_id": "Whose.",
        "sessions": "Rounds sent, less what time has forgiven.",
        "bytes": "The same in bytes.",
        "at": "As of when.",
    },
    "sync_inbox": {
        "inbox_id": "Number of the received round. Why: operators and tries refer to it.",
        "session_id": "Random number that the device made. Why: what is sent twice counts once.",
        "student_id": "Whose.",
        "device_id": "Which device sent it. Why: a faulty device is found.",
        "state": "Pending, processed, held and so on. Why: no round is forgotten.",
        "payload": "The round exactly as sent, with the child's inputs (the trace) where the game "
        "has one. Why: it is verified, and can be judged again after a fault.",
        "payload_hash": "Hash of the payload. Why: a changed round is no duplicate.",
        "clock_shift_s": "Seconds by which the device's clock was wrong. Why: play days are right.",
        "received_at": "When it was received. Why: the order of work, and its age.",
        "attempts": "How often it was tried. Why: it waits longer each time.",
        "due_at": "When it is tried next. Why: it waits longer each time.",
        "leased_until": "Claimed, and not finished yet. Why: a killed worker's rounds are found.",
        "processed_at": "When it was decided. Why: figures of the delay.",
        "last_error_code": "What went wrong last, as a code. Why: an operator sees it.",
        "last_error": "The same in words. Why: an operator sees it.",
        "reasons": "Why it is doubtful. Why: the adult who decides sees it.",
        "release": "Release of NeuroPlay that decided. Why: a fault of a release is found.",
        "request_id": "Id of the request that brought it. Why: it is found in the logs.",
        "dismissed_at": "An operator closed it; the state stays beneath. "
        "Why: what is settled is no longer open.",
    },
    "tokens": {
        "token_id": "Number of the sign-in. Why: one can be revoked.",
        "token_hash": "Hash of the token, which is not stored. Why: a request is recognised.",
        "student_id": "Whose; null after an erasure.",
        "device_id": "On which device; null after an erasure.",
        "card_version": "With which card; null after an erasure. Why: a new card ends sign-ins.",
        "created_at": "When. Why: adults see since when a device is signed in.",
        "revoked_at": "When it was ended.",
        "erased_at": "When its student was erased. Why: the device is told to delete its copies.",
        "erased_student_id": "The number that the erased student had. "
        "Why: a device with several children deletes the right one's.",
        "last_used": "Last day of use. Why: unused sign-ins end.",
    },
}


def upgrade() -> None:
    for table, text in TABLES.items():
        op.execute(f"COMMENT ON TABLE {table} IS {_quoted(text)}")
        for column, text_of_it in COLUMNS[table].items():
            op.execute(f"COMMENT ON COLUMN {table}.{column} IS {_quoted(text_of_it)}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
