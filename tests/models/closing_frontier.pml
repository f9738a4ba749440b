/* Closing an epoch: what is ratified lies inside the decided closing frontier (PROTOCOL C8).
 *
 * A Byzantine author has two branches, 1 and 2, at one place. Each of H honest seats acknowledges one
 * of them or none, then signs CLOSE with what it acknowledged, and no more acks of this epoch. F
 * Byzantine seats acknowledge everything and report either branch, both, or none: reports name signed
 * changes, so nothing else can be named. The decided value carries Q reports, whichever come first;
 * the frontier is the union of what they name.
 *
 * Asserted at every ack and at the decision: a ratified branch is in the frontier, and never are both
 * branches ratified.
 *
 * Variants that must fail:
 *   NOFREEZE    seats acknowledge after their CLOSE
 *   BOTH        a seat acknowledges both branches (against A3)
 *   and a smaller Q, or a larger F, from the command line. */
#ifndef H
#define H 3
#endif
#ifndef F
#define F 1
#endif
#ifndef Q
#define Q 3
#endif

byte acks[3];    /* [branch]: by honest seats */
byte reports[3]; /* [branch, 0 for none]: honest reports that the value carries */
byte carried;    /* their sum */
bool decided, inFrontier1, inFrontier2;

#define RATIFIED(branch) (acks[branch] + F >= Q)

inline check() {
    assert(!(RATIFIED(1) && RATIFIED(2)));
    assert(!decided || ((!RATIFIED(1) || inFrontier1) && (!RATIFIED(2) || inFrontier2)))
}

proctype Seat() {
    byte branch;
    bool closed;
    do
#ifdef NOFREEZE
    :: atomic { branch == 0 ->
#else
    :: atomic { branch == 0 && !closed ->
#endif
        if
        :: branch = 1
        :: branch = 2
        fi;
        acks[branch]++;
        check() }
#ifdef BOTH
    :: atomic { branch == 1 && !closed -> branch = 2; acks[2]++; check() }
#endif
    :: atomic { !closed ->
        closed = true;
        if
        :: !decided && carried < Q -> reports[branch]++; carried++
        :: true /* others' reports come first */
        fi }
    :: closed -> break
    od
}

active proctype Decision() {
end: /* it may never come: too few reports */
    atomic {
        carried + F >= Q ->
        inFrontier1 = reports[1] > 0;
        inFrontier2 = reports[2] > 0;
        if /* the Byzantine reports that fill up the rest */
        :: carried < Q -> inFrontier1 = true
        :: carried < Q -> inFrontier2 = true
        :: true
        fi;
        decided = true;
        check()
    }
}

init {
    atomic {
        byte i;
        do
        :: i < H -> run Seat(); i++
        :: else -> i = 0; break
        od
    }
}
