/* Key offers: a box that the victim can't open never gets a quorum (PROTOCOL C17, B 43).
 *
 * N = STAY + LEAVE + F seats: STAY honest ones that remain, LEAVE honest ones that depart with this very
 * decision, F Byzantine ones. PUBLISHERS seats offer a key; among them any number of Byzantine ones, who
 * offer a key with one bad box or none at all. A remaining honest seat opens its box, recomputes all
 * others, and prevotes no value with a bad one. A departing seat has no box and cannot check.
 *
 * Safety, asserted in each round with votes that are as free as the rules allow: a bad offer never gets a
 * polka, though the Byzantine seats vote for it. Progress, asserted after every seat was first in the order
 * once: in some round, even if the Byzantine seats are silent, all voted for one good offer. The lock and
 * asynchrony stand in agreement.pml and catch_up.pml, not here.
 *
 * Variants that must fail:
 *   UNCHECKED     a seat opens its own box and recomputes no other: only the victim objects
 *   NO_CHECK      nobody checks
 *   and from the command line: LEAVE >= Q - F (they must leave in two epochs), or as many publishers as
 *   Byzantine seats (all of them may publish rubbish, and no value can ever be built). */
#ifndef STAY
#define STAY 2
#endif
#ifndef LEAVE
#define LEAVE 1
#endif
#ifndef F
#define F 1
#endif
#ifndef Q
#define Q 3
#endif
#ifndef PUBLISHERS
#define PUBLISHERS 4
#endif
#define N (STAY + LEAVE + F)
#define NOTHING 0
#define GOOD 1
#define BAD 2

byte votesGood, votesBad; /* prevotes of honest seats in this round */
bool agreed;

#if defined(NO_CHECK)
#define TAKES_BAD true
#elif defined(UNCHECKED)
#define TAKES_BAD (seat != 0) /* seat 0 is the victim */
#else
#define TAKES_BAD (seat >= STAY)
#endif

/* Who is first in the order of this round, and what it proposes. */
inline chooseFirst() {
    if
    :: firstStay < STAY -> firstStay++;
        proposal = (goodOffer -> GOOD : NOTHING)
    :: firstLeave < LEAVE -> firstLeave++;
        if /* it can't check what it takes */
        :: goodOffer -> proposal = GOOD
        :: badOffer -> proposal = BAD
#if PUBLISHERS <= F
        :: else -> proposal = NOTHING
#endif
        fi
    :: firstByzantine < F -> firstByzantine++;
        if
        :: proposal = NOTHING
        :: badOffer -> proposal = BAD
        fi
    fi
}

/* Anything that the rules allow: other proposals, timers, lost messages. */
inline voteFreely() {
    seat = 0;
    do
    :: seat < STAY + LEAVE ->
        if
        :: true /* nothing, or a good one */
        :: badOffer && TAKES_BAD -> votesBad++
        fi;
        seat++
    :: else -> seat = 0; break
    od;
    assert(votesBad + F < Q);
    votesBad = 0
}

/* The same round once messages arrive before the timers: all vote for the first seat's proposal, unless
 * it is bad, and the Byzantine seats are silent. */
inline voteInTime() {
    votesGood = (proposal == GOOD -> STAY + LEAVE : 0);
    agreed = agreed || votesGood >= Q;
    votesGood = 0
}

active proctype Rounds() {
    byte seat, proposal, firstStay, firstLeave, firstByzantine, byzantinePublishers;
    bool goodOffer, badOffer;
    atomic {
        do
        :: byzantinePublishers < F && byzantinePublishers < PUBLISHERS -> byzantinePublishers++
        :: break
        od;
        goodOffer = byzantinePublishers < PUBLISHERS;
        if
        :: byzantinePublishers > 0 -> badOffer = true
        :: true
        fi
    }
    do
    :: atomic {
        firstStay + firstLeave + firstByzantine < N ->
        chooseFirst();
        voteFreely();
        voteInTime();
        proposal = NOTHING }
    :: else -> break
    od;
    assert(agreed)
}
