/* Acknowledgements, a fork, and the fence that frees what stands on it (PROTOCOL C5, C6, C8, C15).
 *
 * A Byzantine device has two branches, 1 and 2, at one place. An honest edit E stands on branch 2 and
 * reaches everybody, branch 2 with it. A seat acknowledges one branch at most (A3) and never changes it
 * (A2), and E only together with branch 2: its frontier is causally closed (A1). A seat on branch 1 thus
 * can't acknowledge E. It holds both branches, which proves the fork; the proof is an eligible FENCE; all
 * close the epoch; the decided frontier is the union of Q reports. In the next epoch every seat starts
 * from that frontier (the exception to A2 and A3): a branch inside is acknowledged by all, a branch
 * outside is void, and E stands on a ghost, which acknowledges nothing.
 *
 * Asserted at each ack: never both branches ratified within one epoch, unless the decision admitted
 * both; what was ratified is not void; void branches are not ratified. Asserted where nothing can move
 * any more: E is ratified, even if the Byzantine seats never acknowledged it.
 *
 * Variants that must fail:
 *   NOFENCE      a proven fork starts no close: E can stay stuck for ever
 *   NOGHOST      E is not accepted on a void branch: stuck
 *   KEEP_OWN     a seat begins the next epoch with its own branch instead of the frontier: stuck
 *   EARLY_MERGE  a seat that knows of the fork acknowledges the other branch too, before the
 *                decision: both ratified in one epoch
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

byte acks[3];     /* [branch]: honest acks of this epoch */
byte nextAcks[3]; /* of the next epoch */
byte edit;        /* honest acks of E in this epoch */
byte nextEdit;    /* in the next */
byte reports[3];  /* [branch, 0 for none]: honest CLOSE reports that exist */
bool proven;      /* both branches are known: FENCE is eligible */
bool decided, in1, in2;

#define RATIFIED(counter) ((counter) + F >= Q)

inline check() {
    assert(!(RATIFIED(acks[1]) && RATIFIED(acks[2])));
    assert(!decided || ((!RATIFIED(acks[1]) || in1) && (!RATIFIED(acks[2]) || in2)));
    assert(!RATIFIED(nextAcks[1]) || in1);
    assert(!RATIFIED(nextAcks[2]) || in2)
}

inline acknowledge(which) { branch = which; acks[which]++; check() }

/* What a seat acknowledges once it knows the decision. */
inline beginNextEpoch() {
#ifdef KEEP_OWN
    if
    :: branch != 0 -> nextAcks[branch]++
    :: else
    fi;
    if
    :: branch == 2 -> nextEdit++
    :: else
    fi;
#else
    nextAcks[1] = nextAcks[1] + in1;
    nextAcks[2] = nextAcks[2] + in2;
#ifdef NOGHOST
    nextEdit = nextEdit + in2;
#else
    nextEdit++; /* E itself, whether its ground is inside or a ghost */
#endif
#endif
    check()
}

proctype Seat() {
    byte branch;
    bool closed, acked;
end:
    do
    :: atomic { !closed && branch == 0 -> acknowledge(1) }
    :: atomic { !closed && branch == 0 -> acknowledge(2) }
    :: atomic { !closed && branch == 2 && !acked -> acked = true; edit++ }
    :: atomic { !closed && branch == 1 && !proven -> proven = true }
#ifdef EARLY_MERGE
    :: atomic { !closed && branch == 1 && proven -> acknowledge(2) }
#endif
#ifndef NOFENCE
    :: atomic { !closed && proven -> closed = true; reports[branch]++ }
#endif
    :: atomic { decided -> beginNextEpoch(); break } /* also without a CLOSE of one's own */
    od
}

/* The value carries Q reports or more, F of them Byzantine at most: a branch can be missing only if
 * enough others do without it, and comes in by an honest report or by a Byzantine one. */
active proctype Decision() {
end:
    atomic {
        reports[0] + reports[1] + reports[2] + F >= Q ->
        if
        :: reports[0] + F >= Q
        :: reports[0] + reports[1] + F >= Q -> in1 = true
        :: reports[0] + reports[2] + F >= Q -> in2 = true
        :: (reports[1] > 0) + (reports[2] > 0) + F >= 2 -> in1 = true; in2 = true
        fi;
        decided = true;
        check()
    }
}

/* Nothing else can move: all that will ever be sent has been sent and seen. */
active proctype Quiet() {
    timeout -> assert(edit >= Q || nextEdit >= Q)
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
