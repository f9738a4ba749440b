/* Rounds are caught up with, and the first good round decides (PROTOCOL C11.2, C11.4).
 *
 * H honest seats, F Byzantine ones. Rounds 0..R-2 are as bad as can be: all vote for nothing, and the
 * Byzantine seats send or withhold proposal, prevote and precommit in each, to carry some seats ahead and
 * leave others behind. The first seat of round R-1 is honest (seat 0), and the network is stable by then:
 * nobody's timer fires before seat 0's proposal is there. A phase ends only with Q messages of it.
 * A seat sees everything that the others still have (gossip), and each has only its latest two rounds.
 * F + 1 seats seen in a higher round pull a seat there. What one honest seat has seen of the Byzantine
 * ones, gossip brings to the others.
 *
 * Property: under weak fairness all honest seats decide. LTL says so in the presence of a clock that ticks
 * for ever. QUIET says the same without a clock: as every step goes forward, a run can only end where
 * nothing can move any more, and there all must have decided.
 *
 * Variants that must fail:
 *   no weak fairness  the clock may tick while nobody ever gets a turn
 *   NO_JUMP      nobody is pulled: what a seat missed is gone
 *   KEEP_ONE     only the current round is kept
 *   NO_RELAY     Byzantine messages stay with whom they were shown to (n = 7) */
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
#define R 3
#endif
#define LAST (R - 1)

/* How far a seat is within a round: its proposal is out, its prevote too, its precommit too. */
#define PROPOSED 1
#define PREVOTED 2
#define PRECOMMITTED 3

byte round[H];
byte level[H];
byte before[H]; /* the level at which it left the round just before this one; 0 if it was never there */
byte decided;   /* how many seats have */

/* Up to which level the Byzantine seats' messages of a round were shown to anybody. */
byte shown[R];
#ifdef NO_RELAY
#define SHOWN(r) (me < 2 -> shown[r] : 0) /* they talk to seats 0 and 1 only */
#else
#define SHOWN(r) shown[r]
#endif

#ifdef KEEP_ONE
#define HAS(k, r, l) (round[k] == (r) && level[k] >= (l))
#else
#define HAS(k, r, l) \
    ((round[k] == (r) && level[k] >= (l)) || (round[k] == (r) + 1 && before[k] >= (l)))
#endif

/* From how many seats there is a message of round r and level l. */
#if H == 3
#define HONEST(r, l) (HAS(0, r, l) + HAS(1, r, l) + HAS(2, r, l))
#elif H == 5
#define HONEST(r, l) (HAS(0, r, l) + HAS(1, r, l) + HAS(2, r, l) + HAS(3, r, l) + HAS(4, r, l))
#endif
#define SEEN(r, l) (HONEST(r, l) + (SHOWN(r) >= (l) -> F : 0))

#define GROUND_TO_GO_ON \
    (SEEN(round[me], level[me]) >= Q && \
     (round[me] < LAST || level[me] > PROPOSED || round[0] == LAST)) /* waits for the good proposal */

inline enter(r) {
    before[me] = (r == round[me] + 1 -> level[me] : 0);
    round[me] = r;
    level[me] = PROPOSED
}

proctype Seat(byte me) {
    do
    :: atomic { level[me] < PRECOMMITTED && GROUND_TO_GO_ON -> level[me]++ }
    :: atomic { level[me] == PRECOMMITTED && GROUND_TO_GO_ON ->
        if
        :: round[me] < LAST -> enter(round[me] + 1)
        :: else -> decided++; break
        fi }
#ifndef NO_JUMP
    :: atomic { round[me] < 1 && SEEN(1, PROPOSED) > F -> enter(1) }
#if R > 2
    :: atomic { round[me] < 2 && SEEN(2, PROPOSED) > F -> enter(2) }
#endif
#if R > 3
    :: atomic { round[me] < 3 && SEEN(3, PROPOSED) > F -> enter(3) }
#endif
#endif
    od
}

/* They act together, and stop when they like. In the last round they can only be seen there: their
 * votes for nothing help nobody. */
proctype Byzantine() {
    do
    :: shown[0] < (LAST == 0 -> PROPOSED : PRECOMMITTED) -> shown[0]++
    :: shown[1] < (LAST == 1 -> PROPOSED : PRECOMMITTED) -> shown[1]++
#if R > 2
    :: shown[2] < (LAST == 2 -> PROPOSED : PRECOMMITTED) -> shown[2]++
#endif
#if R > 3
    :: shown[3] < (LAST == 3 -> PROPOSED : PRECOMMITTED) -> shown[3]++
#endif
    :: break
    od
}

#ifdef QUIET
active proctype Quiet() {
    timeout -> assert(decided == H)
}
#else
bool tick;
active proctype Clock() {
    do
    :: tick = !tick
    od
}

ltl everybody_decides { <> (decided == H) }
#endif

init {
    atomic {
        byte i;
        do
        :: i < H -> level[i] = PROPOSED; run Seat(i); i++
        :: else -> i = 0; break
        od;
        run Byzantine()
    }
}
