/* Roundtable's core: two different values never get certificates in one epoch (PROTOCOL C11.3).
 *
 * H honest seats, F Byzantine ones, quorum Q. The Byzantine seats vote for every value to everybody,
 * so they are +F in each threshold. The network is asynchronous: a threshold that can be met may be
 * seen, or not, at any time. Timers fire whenever they like, and which proposal a seat looks at is a
 * free choice: what holds here holds for every order of the proposals and every schedule.
 * A seat chooses and sends in one step: thresholds only grow, so a choice that was good stays good.
 * Honest seats are alike: the model keeps them sorted, which divides the states by almost H!.
 *
 * Variants that must fail:
 *   AMNESIA     a crash forgets the lock
 *   OLD_POLKA   a lock is left for a polka of any round, also one before the lock
 *   NO_LOCK     nobody locks
 *   and a smaller Q, or a larger F, from the command line.
 * BUG_GE leaves a lock for a polka of the lock's own round, too. Since a round has one polka at most,
 * that is the same rule: it must hold. */
#ifndef H
#define H 3
#endif
#ifndef F
#define F 1
#endif
#ifndef Q
#define Q 3
#endif
#ifndef R
#define R 3 /* rounds 0..R-1 */
#endif
#define NIL 0 /* values are 1 and 2 */

#if defined(OLD_POLKA)
#define FIRST_ROUND 0
#elif defined(BUG_GE)
#define FIRST_ROUND (lockedRound)
#else
#define FIRST_ROUND (lockedRound + 1)
#endif

byte prevotes[R * 3]; /* [round * 3 + value]: by honest seats */
byte precommits[R * 3];
bool decided1, decided2; /* a certificate for the value can be put together */

#define POLKA(r, v) (prevotes[(r) * 3 + (v)] + F >= Q)
#define COMMIT(r, v) (precommits[(r) * 3 + (v)] + F >= Q)

/* A seat is one number, sorted ascending: where it is (round, half), then its lock. */
byte seats[H];
#define FINISHED (R * 2 * 3 * R)

inline takeSeat() {
    d_step {
        lockedRound = seats[i] % R;
        locked = (seats[i] / R) % 3;
        half = (seats[i] / (R * 3)) % 2;
        r = seats[i] / (R * 3 * 2);
    }
}

inline putSeat() {
    d_step {
        seats[i] = ((r * 2 + half) * 3 + locked) * R + lockedRound;
        if
        :: r == R -> seats[i] = FINISHED /* what it locked is of no interest any more */
        :: else
        fi;
        do
        :: i + 1 < H && seats[i] > seats[i + 1] ->
            other = seats[i]; seats[i] = seats[i + 1]; seats[i + 1] = other; i++
        :: i > 0 && seats[i] < seats[i - 1] ->
            other = seats[i]; seats[i] = seats[i - 1]; seats[i - 1] = other; i--
        :: else -> break
        od;
        i = 0; r = 0; half = 0; locked = NIL; lockedRound = 0; other = 0
    }
}

/* A polka for v in a round that justifies leaving the lock: the vote for v, else for nothing. */
inline leaveLock(v) {
    d_step {
        justifies = false;
        q = FIRST_ROUND;
        do
        :: q < r -> justifies = justifies || POLKA(q, v); q++
        :: else -> break
        od;
        q = 0;
        if
        :: justifies -> prevotes[r * 3 + v]++
        :: else -> prevotes[r * 3 + NIL]++
        fi;
        justifies = false
    }
}

inline prevote() {
    if
    :: prevotes[r * 3 + NIL]++ /* the timer fired, or nothing was acceptable */
    :: locked != 2 -> prevotes[r * 3 + 1]++
    :: locked != 1 -> prevotes[r * 3 + 2]++
#if R > 2 || defined(OLD_POLKA) /* lock, the other's polka, vote: that takes three rounds */
    :: locked == 2 -> leaveLock(1)
    :: locked == 1 -> leaveLock(2)
#endif
    fi;
    half = 1
}

inline lock(v) {
#ifndef NO_LOCK
    locked = v;
    lockedRound = r;
#endif
    precommits[r * 3 + v]++
}

inline precommit() {
    if
    :: POLKA(r, 1) -> lock(1)
    :: POLKA(r, 2) -> lock(2)
    :: precommits[r * 3 + NIL]++ /* the timer fired */
    fi;
    decided1 = decided1 || COMMIT(r, 1);
    decided2 = decided2 || COMMIT(r, 2);
    assert(!(decided1 && decided2));
#ifdef AMNESIA
    if
    :: true
    :: locked = NIL; lockedRound = 0
    fi;
#endif
    half = 0;
    r++
}

active proctype Seats() {
    byte i, r, half, locked, lockedRound; /* the seat whose turn it is; all zero between turns */
    byte q, other;
    bool justifies;
    do
    :: atomic {
        seats[0] < FINISHED ->
        i = 0;
        do
        :: i + 1 < H && seats[i + 1] < FINISHED -> i++
        :: break
        od;
        takeSeat();
        if
        :: half == 0 -> prevote()
        :: else -> precommit()
        fi;
        putSeat()
    }
    :: seats[0] == FINISHED -> break
    od
}
