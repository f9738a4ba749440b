/* The sign journal: no honest seat signs two things at one place, over crashes and restores
 * (PROTOCOL C13), and nothing that it meant to say is lost.
 *
 * One seat signs at places 1..PLACES, one after the other. At each it would say 1 or 2: what it knows at
 * that moment decides, and a crash forgets it. A place goes through: choose, INSERT, wait until the row
 * is on the platter, send. Power may go between any two steps: rows that the disk has not confirmed are
 * there or not, as the disk likes. After a start every journalled record is sent again as it stands.
 *
 * A disk may also be set back to a copy made earlier (RESTORES of them). Then the boot counter in the
 * database is older than the one in the keychain, and the seat signs nothing any more under this key.
 * A copy made since the last start has the same counter: the keychain can't tell it from a crash. What
 * others hold of this seat can: it asks them before its first signature (C13, third point), and here
 * somebody answers. Without restores nobody is asked: journal and disk alone must do.
 *
 * Asserted: one record per place is ever sent; in the end every place was sent, unless the seat found
 * itself to be a copy.
 *
 * Variants that must fail:
 *   SEND_FIRST   sends, then journals
 *   NO_SYNC      sends before the disk has confirmed the row
 *   NO_KEY       the row is replaced instead of kept: no UNIQUE
 *   NO_RESEND    what was journalled but not sent before a crash is not sent again
 *   NO_COUNTER   neither counter nor question: a restored copy signs on
 *   NO_QUESTION  the counters alone: a copy made since the last start signs on
 *                (with OLD_COPY, only copies from before the last start that both counted, they suffice)
 *   COUNT_COPY   a copy counts its starts, too: after a crash it has caught up with the keychain
 *   COUNT_LATE   the keychain is counted up before the database: a crash between makes an honest seat
 *                believe that it is a copy (asserted only without restores) */
#ifndef PLACES
#define PLACES 2
#endif
#ifndef CRASHES
#define CRASHES 2
#endif
#ifndef RESTORES
#define RESTORES 0
#endif
#define NONE 0

byte platter[PLACES + 1]; /* the database as a power loss leaves it; [0] is the boot counter */
byte sent[PLACES + 1];    /* what left the computer */
byte keychain;            /* the boot counter there */
byte crashes;
bool isCopy;

#if RESTORES > 0
byte backup[PLACES + 1];
bool hasBackup;
byte restores;

active proctype Copier() {
    byte row;
end:
    atomic {
        keychain > 0 ->
        do
        :: row <= PLACES -> backup[row] = platter[row]; row++
        :: else -> row = 0; break
        od;
        hasBackup = true
    }
}
#endif

inline send(what) {
    atomic {
        assert(sent[place] == NONE || sent[place] == what);
        sent[place] = what
    }
}

/* A border between two steps: power may go here. */
inline border() {
    if
    :: crashes < CRASHES -> crashes++; goto power
    :: true
    fi
}

/* The database first: a crash between the two leaves it ahead, never behind. */
inline countStart() {
#ifdef COUNT_LATE
    keychain++;
    border();
    platter[0] = keychain
#else
    platter[0]++;
    border();
    keychain = platter[0]
#endif
}

/* What every start does before anything new is signed. */
inline start() {
#ifndef NO_COUNTER
    isCopy = platter[0] < keychain;
#endif
#if RESTORES > 0 && !defined(COUNT_COPY)
    if
    :: isCopy /* it must not catch up with the keychain */
    :: else -> countStart()
    fi;
#else
    countStart();
#endif
    place = 1;
    do
    :: place <= PLACES ->
#if RESTORES > 0 && !defined(NO_COUNTER) && !defined(NO_QUESTION)
        isCopy = isCopy || (sent[place] != NONE && platter[place] == NONE);
#endif
        place++
    :: else -> break
    od;
#if RESTORES == 0
    assert(!isCopy)
#endif
}

inline resend() {
    place = 1;
    do
    :: place <= PLACES ->
#ifndef NO_RESEND
        if
        :: platter[place] != NONE -> send(platter[place]); border()
        :: else
        fi;
#endif
        place++
    :: else -> break
    od
}

inline insertRow() { cached = record; border() }
inline confirmRow() { atomic { platter[place] = cached; cached = NONE }; border() }

inline sign() {
    if
    :: record = 1
    :: record = 2
    fi;
    border();
#if defined(SEND_FIRST)
    send(record); border(); insertRow(); confirmRow()
#elif defined(NO_SYNC)
    insertRow(); send(record); border(); confirmRow()
#else
    insertRow(); confirmRow(); send(record); border()
#endif
}

active proctype Seat() {
    byte place, record;
    byte cached; /* the row that the disk has not confirmed */
begin:
    start();
    if
    :: isCopy -> goto over
    :: else
    fi;
    resend();
    place = 1;
    do
    :: place <= PLACES ->
        if
#ifdef NO_KEY
        :: true -> sign()
#else
        :: platter[place] == NONE -> sign()
        :: else
#endif
        fi;
        place++
    :: else -> break
    od;
    goto over;
power:
    atomic {
        if
        :: cached != NONE -> platter[place] = cached
        :: true
        fi;
        cached = NONE; record = NONE; place = 0; isCopy = false;
#if RESTORES > 0
        if
#ifdef OLD_COPY
        :: hasBackup && restores < RESTORES && backup[0] < keychain ->
#else
        :: hasBackup && restores < RESTORES ->
#endif
            do
            :: place <= PLACES -> platter[place] = backup[place]; place++
            :: else -> place = 0; break
            od;
            restores++
        :: true
        fi;
#endif
    }
    goto begin;
over:
    place = 1;
    do
    :: place <= PLACES -> assert(isCopy || sent[place] != NONE); place++
    :: else -> break
    od
}
