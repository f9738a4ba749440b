/* Accountability: a disagreement proves more than f seats guilty, and nobody innocent (PROTOCOL C11.5).
 *
 * H honest seats run Roundtable as in agreement.pml; the votes of F Byzantine seats are kept one by one,
 * because they are the evidence. A Byzantine vote is cast when somebody needs it and not before: any
 * other could only add evidence. A prevote carries jr, the round of the polka that justifies it, and
 * counts only if that polka exists. Evidence are two votes of one seat:
 *   double vote  two values in one round and phase
 *   amnesia      precommit(v, r), then prevote(w, r', jr) with r' > r and jr <= r
 * An honest seat's jr is the round of the latest polka that it knows for its value: its lock's, or the
 * one for which it leaves the lock; -1 without either.
 *
 * Asserted: no honest seat's votes are evidence; whenever two values can get certificates, ACCUSED seats
 * stand accused.
 *
 * Variants that must fail:
 *   NO_JR       prevotes carry no jr, and amnesia is no evidence: a disagreement without culprits
 *   STRICT      prevotes carry no jr, and whoever leaves a lock counts as guilty: the innocent too
 *   OWN_LOCK    jr is given only when a lock is left for another value, not for the value of the lock
 *               itself: a seat that locked twice stands accused of having forgotten its first lock
 *   UNPROVEN    prevotes count without the polka that they name: a disagreement without culprits
 *   F >= Q      a quorum without an honest seat can certify what nobody prevoted */
#ifndef H
#define H 2
#endif
#ifndef F
#define F 2
#endif
#ifndef Q
#define Q 3
#endif
#ifndef R
#define R 3
#endif
#ifndef ACCUSED
#define ACCUSED 2 /* f + 1 */
#endif
#define NIL 0

/* Honest seats: the next round, which half of it, and what each has precommitted. */
byte round[H];
bit half[H];
byte log[H * R]; /* [seat * R + round] */

byte prevotes[R * 2]; /* [round * 2 + value - 1]: by honest seats */
byte precommits[R * 2];

/* Byzantine seats: [(seat * R + round) * 2 + value - 1]; a prevote is 0 for none, else jr + 2. */
byte theirPrevotes[F * R * 2];
bit theirPrecommits[F * R * 2];
#define THEIRS(b, r, v) (((b) * R + (r)) * 2 + (v) - 1)
#define HONEST(r, v) ((r) * 2 + (v) - 1)

/* --- What the votes show ------------------------------------------------------------------------ */

/* found = there is a polka for v in round r, from votes that were cast. */
inline lookForPolka(v, r) {
    cast = prevotes[HONEST(r, v)];
    k = 0;
    do
    :: k < F -> cast = cast + (theirPrevotes[THEIRS(k, r, v)] > 0); k++
    :: else -> k = 0; break
    od;
    found = cast >= Q
}

#if defined(STRICT)
#define FORGOT(jrPlusTwo, r) true
#elif defined(NO_JR)
#define FORGOT(jrPlusTwo, r) false
#else
#define FORGOT(jrPlusTwo, r) ((jrPlusTwo) <= (r) + 2)
#endif

/* Byzantine seat b precommitted v in round x, and prevoted w in round y as if it had not. */
#define AMNESIA(b, v, x, w, y) \
    (theirPrecommits[THEIRS(b, x, v)] && theirPrevotes[THEIRS(b, y, w)] > 0 && \
     FORGOT(theirPrevotes[THEIRS(b, y, w)], x))
#define DOUBLE(b, x) \
    ((theirPrevotes[THEIRS(b, x, 1)] > 0 && theirPrevotes[THEIRS(b, x, 2)] > 0) || \
     (theirPrecommits[THEIRS(b, x, 1)] && theirPrecommits[THEIRS(b, x, 2)]))

/* guilty = the votes of Byzantine seat b hold evidence. */
inline judge(b) {
    guilty = false;
    x = 0;
    do
    :: x < R ->
        guilty = guilty || DOUBLE(b, x);
        y = x + 1;
        do
        :: y < R -> guilty = guilty || AMNESIA(b, 1, x, 2, y) || AMNESIA(b, 2, x, 1, y); y++
        :: else -> y = 0; break
        od;
        x++
    :: else -> x = 0; break
    od
}

/* An honest prevote for v in the seat's round, with its jr, against what the seat precommitted. */
inline judgeHonest(v, jrPlusTwo) {
    x = 0;
    do
    :: x < round[i] ->
        assert(log[i * R + x] == NIL || log[i * R + x] == v || !FORGOT(jrPlusTwo, x));
        x++
    :: else -> x = 0; break
    od
}

/* --- Byzantine votes on demand ------------------------------------------------------------------ */

/* Byzantine seat b prevotes v in round r, with any jr that makes the vote count. */
inline castPrevote(v, r) {
    jr = 1;
#if R > 1 && !defined(NO_JR) && !defined(STRICT)
    do
    :: other < r ->
#ifdef UNPROVEN
        found = true;
#else
        d_step { lookForPolka(v, other); cast = 0 }
#endif
        if
        :: found -> jr = other + 2; break
        :: true -> other++
        fi
    :: true -> break
    od;
#endif
    theirPrevotes[THEIRS(b, r, v)] = jr;
    d_step { jr = 0; other = 0; found = false }
}

#define POLKA_POSSIBLE(v, r) (prevotes[HONEST(r, v)] + F >= Q)
#define COMMIT_POSSIBLE(v, r) (precommits[HONEST(r, v)] + F >= Q)

/* A polka for v in round r is shown; just as many Byzantine seats vote as it lacks. */
inline showPolka(v, r) {
    d_step {
        lookForPolka(v, r);
        idle = F - (cast - prevotes[HONEST(r, v)]);
        missing = (cast < Q -> Q - cast : 0);
        cast = 0; found = false
    }
    do
    :: b < F ->
        if
        :: theirPrevotes[THEIRS(b, r, v)] > 0
        :: theirPrevotes[THEIRS(b, r, v)] == 0 && missing > 0 -> castPrevote(v, r); missing--; idle--
        :: theirPrevotes[THEIRS(b, r, v)] == 0 && idle > missing -> idle--
        fi;
        b++
    :: else -> b = 0; break
    od
}

/* The same for a certificate. */
inline showCommit(v, r) {
    d_step {
        cast = precommits[HONEST(r, v)];
        idle = 0;
        do
        :: b < F -> cast = cast + theirPrecommits[THEIRS(b, r, v)];
            idle = idle + !theirPrecommits[THEIRS(b, r, v)]; b++
        :: else -> b = 0; break
        od;
        missing = (cast < Q -> Q - cast : 0);
        cast = 0
    }
    do
    :: b < F ->
        if
        :: theirPrecommits[THEIRS(b, r, v)]
        :: !theirPrecommits[THEIRS(b, r, v)] && missing > 0 ->
            theirPrecommits[THEIRS(b, r, v)] = 1; missing--; idle--
        :: !theirPrecommits[THEIRS(b, r, v)] && idle > missing -> idle--
        fi;
        b++
    :: else -> b = 0; break
    od
}

/* --- Honest seats ------------------------------------------------------------------------------- */

inline findLock() {
    d_step {
        locked = NIL;
        x = 0;
        do
        :: x < round[i] ->
            if
            :: log[i * R + x] != NIL -> locked = log[i * R + x]; lockedRound = x
            :: else
            fi;
            x++
        :: else -> x = 0; break
        od
    }
}

inline prevoteFor(v, jrPlusTwo) {
    judgeHonest(v, jrPlusTwo);
    prevotes[HONEST(round[i], v)]++
}

/* With three rounds only one can lie between a lock and the vote that leaves it. */
#define CAN_LEAVE_FOR(v) (lockedRound + 1 < round[i] && POLKA_POSSIBLE(v, lockedRound + 1))

inline leaveLock(v) {
    showPolka(v, lockedRound + 1);
    prevoteFor(v, lockedRound + 3)
}

#ifdef OWN_LOCK
#define JR_OF_LOCK 1
#else
#define JR_OF_LOCK (lockedRound + 2)
#endif

inline prevote() {
    findLock();
    if
    :: true /* for nothing */
    :: locked == NIL -> named1 = true; prevoteFor(1, 1)
    :: locked == NIL && named1 -> prevoteFor(2, 1)
    :: locked == 1 -> prevoteFor(1, JR_OF_LOCK)
    :: locked == 2 -> prevoteFor(2, JR_OF_LOCK)
#if R > 2
    :: locked == 1 && CAN_LEAVE_FOR(2) -> leaveLock(2)
    :: locked == 2 && CAN_LEAVE_FOR(1) -> leaveLock(1)
#endif
    fi;
    half[i] = 1;
    locked = NIL;
    lockedRound = 0
}

inline precommitTo(v) {
    log[i * R + round[i]] = v;
    precommits[HONEST(round[i], v)]++
}

inline precommit() {
    if
    :: true /* to nothing */
    :: POLKA_POSSIBLE(1, round[i]) -> showPolka(1, round[i]); precommitTo(1)
    :: POLKA_POSSIBLE(2, round[i]) -> showPolka(2, round[i]); precommitTo(2)
    fi;
    half[i] = 0;
    round[i]++
}

#define ANY_COMMIT(v) (COMMIT_POSSIBLE(v, 0) || COMMIT_POSSIBLE(v, 1) || COMMIT_POSSIBLE(v, R - 1))

inline showAnyCommit(v) {
    if
    :: COMMIT_POSSIBLE(v, 0) -> showCommit(v, 0)
    :: COMMIT_POSSIBLE(v, 1) -> showCommit(v, 1)
#if R > 2
    :: COMMIT_POSSIBLE(v, 2) -> showCommit(v, 2)
#endif
    fi
}

active proctype Seats() {
    byte i, locked, lockedRound, x, y, b, k, other, jr, cast, missing, idle, culprits;
    bool found, guilty;
    bool named1; /* the values are alike: the first that anybody names is called 1 */
end:
    do
    :: atomic {
        if
        :: round[0] < R -> i = 0
#if H > 1
        :: round[1] < R -> i = 1
#endif
#if H > 2
        :: round[2] < R -> i = 2
#endif
#if H > 3
        :: round[3] < R -> i = 3
#endif
        fi;
        if
        :: half[i] == 0 -> prevote()
        :: else -> precommit()
        fi;
        i = 0 }
#if 3 * F >= H + F
    :: atomic { ANY_COMMIT(1) && ANY_COMMIT(2) -> /* two certificates are put together */
        showAnyCommit(1);
        showAnyCommit(2);
        culprits = 0;
        d_step {
            do
            :: b < F -> judge(b); culprits = culprits + guilty; b++
            :: else -> b = 0; break
            od
        }
        assert(culprits >= ACCUSED);
        break }
#endif
    od
}
