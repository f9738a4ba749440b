"""Every model's variants: what is defined, and what spin must find."""

from dataclasses import dataclass

# What a variant that must fail is violated by, as pan prints it.
DISAGREEMENT = r"assertion violated  !\(\(decided1&&decided2\)\)"
TWO_RATIFIED = r"assertion violated  !\(\(\(\(acks\[1\]\+\d\)>=\d\)&&\(\(acks\[2\]\+\d\)>=\d\)\)\)"
NOT_IN_FRONTIER = r"assertion violated \( !\(decided\)\|\|"
EDIT_STUCK = r"assertion violated \(\(edit>=\d\)\|\|\(nextEdit>=\d\)\)"
SIGNED_TWICE = r"assertion violated \(\(sent\[place\]==0\)\|\|\(sent\[place\]=="
NEVER_SENT = r"assertion violated \(isCopy\|\|\(sent\[place\]!=0\)\)"
FALSE_COPY = r"assertion violated  !\(isCopy\)"
BAD_POLKA = r"assertion violated \(\(votesBad\+\d\)<\d\)"
NO_GOOD_OFFER = r"assertion violated agreed"
SEATS_STUCK = r"assertion violated \(decided==\d\)"
NEVER_DECIDED = r"acceptance cycle"
TOO_FEW_CULPRITS = r"assertion violated \(culprits>=\d\)"
INNOCENT_ACCUSED = r"assertion violated \(\(\(log\["


@dataclass(frozen=True)
class Variant:
    """One run of spin. `fails_by` is empty if the model must hold; then every statement must be reached
    but those in `never`, each as often as it stands there."""
    model: str
    name: str
    defines: str
    fails_by: str = ""
    search: str = "safety"  # or "fair": an LTL formula under weak fairness; "unfair": without
    never: tuple = ()

    @property
    def full_name(self):
        return f"{self.model}.{self.name}"


def holds(model, name, defines="", search="safety", never=()):
    return Variant(model, name, defines, "", search, never)


def fails(model, name, defines, fails_by, search="safety"):
    return Variant(model, name, defines, fails_by, search)


N4 = "H=3 F=1 Q=3"
N5 = "H=4 F=1 Q=4"
N6 = "H=5 F=1 Q=5"
N7 = "H=5 F=2 Q=5"
N10 = "H=7 F=3 Q=7"
TOO_MANY_FAULTS = "H=2 F=2 Q=3"
SMALL_QUORUM = "H=3 F=1 Q=2"

VARIANTS = [
    holds("agreement", "n4-r3", f"{N4} R=3"),
    holds("agreement", "n4-r4", f"{N4} R=4"),
    holds("agreement", "n5-r3", f"{N5} R=3"),
    holds("agreement", "n6-r2", f"{N6} R=2"),
    holds("agreement", "n7-r2", f"{N7} R=2"),
    holds("agreement", "n10-r2", f"{N10} R=2"),
    holds("agreement", "bug-ge", f"{N4} R=3 BUG_GE"),
    fails("agreement", "amnesia", f"{N4} R=3 AMNESIA", DISAGREEMENT),
    fails("agreement", "old-polka", f"{N4} R=3 OLD_POLKA", DISAGREEMENT),
    fails("agreement", "no-lock", f"{N4} R=3 NO_LOCK", DISAGREEMENT),
    fails("agreement", "small-quorum", f"{SMALL_QUORUM} R=3", DISAGREEMENT),
    fails("agreement", "too-many-faults", f"{TOO_MANY_FAULTS} R=3", DISAGREEMENT),

    holds("closing_frontier", "n4", N4),
    holds("closing_frontier", "n5", N5),
    holds("closing_frontier", "n6", N6),
    holds("closing_frontier", "n7", N7),
    fails("closing_frontier", "no-freeze", f"{N4} NOFREEZE", NOT_IN_FRONTIER),
    fails("closing_frontier", "both-branches", f"{N4} BOTH", TWO_RATIFIED),
    fails("closing_frontier", "small-quorum", SMALL_QUORUM, TWO_RATIFIED),
    fails("closing_frontier", "too-many-faults", TOO_MANY_FAULTS, TWO_RATIFIED),

    holds("acks_fence", "n4", N4),
    holds("acks_fence", "n5", N5),
    holds("acks_fence", "n7", N7),
    fails("acks_fence", "no-fence", f"{N4} NOFENCE", EDIT_STUCK),
    fails("acks_fence", "no-ghost", f"{N4} NOGHOST", EDIT_STUCK),
    fails("acks_fence", "keep-own", f"{N4} KEEP_OWN", EDIT_STUCK),
    fails("acks_fence", "early-merge", f"{N4} EARLY_MERGE", TWO_RATIFIED),
    fails("acks_fence", "small-quorum", SMALL_QUORUM, TWO_RATIFIED),

    holds("sign_journal", "crashes", "PLACES=3 CRASHES=4"),
    holds("sign_journal", "restores", "PLACES=2 CRASHES=3 RESTORES=2"),
    fails("sign_journal", "send-first", "SEND_FIRST", SIGNED_TWICE),
    fails("sign_journal", "no-sync", "NO_SYNC", SIGNED_TWICE),
    fails("sign_journal", "no-key", "NO_KEY", SIGNED_TWICE),
    fails("sign_journal", "no-resend", "NO_RESEND", NEVER_SENT),
    holds("sign_journal", "old-copies-unasked", "CRASHES=3 RESTORES=2 OLD_COPY NO_QUESTION"),
    fails("sign_journal", "no-counter", "CRASHES=2 RESTORES=1 OLD_COPY NO_COUNTER", SIGNED_TWICE),
    fails("sign_journal", "no-question", "RESTORES=1 NO_QUESTION", SIGNED_TWICE),
    fails("sign_journal", "count-copy", "CRASHES=3 RESTORES=1 OLD_COPY NO_QUESTION COUNT_COPY", SIGNED_TWICE),
    fails("sign_journal", "count-late", "COUNT_LATE", FALSE_COPY),

    holds("key_offer", "n4", "STAY=2 LEAVE=1 F=1 Q=3"),
    holds("key_offer", "n7", "STAY=3 LEAVE=2 F=2 Q=5"),
    holds("key_offer", "n13", "STAY=5 LEAVE=4 F=4 Q=9 PUBLISHERS=5"),
    fails("key_offer", "unchecked", "UNCHECKED", BAD_POLKA),
    fails("key_offer", "no-check", "NO_CHECK", BAD_POLKA),
    fails("key_offer", "too-many-leave", "STAY=1 LEAVE=2", BAD_POLKA),
    fails("key_offer", "n13-four-publishers", "STAY=8 LEAVE=1 F=4 Q=9 PUBLISHERS=4", NO_GOOD_OFFER),

    holds("catch_up", "n4-r3-fair", f"{N4} R=3", "fair"),
    holds("catch_up", "n4-r4", f"{N4} R=4 QUIET"),
    holds("catch_up", "n7-r2", f"{N7} R=2 QUIET"),
    holds("catch_up", "n7-r3", f"{N7} R=3 QUIET"),
    fails("catch_up", "n4-r3-unfair", f"{N4} R=3", NEVER_DECIDED, "unfair"),
    fails("catch_up", "no-jump", f"{N4} R=3 NO_JUMP", NEVER_DECIDED, "fair"),
    fails("catch_up", "keep-one", f"{N4} R=3 KEEP_ONE", NEVER_DECIDED, "fair"),
    fails("catch_up", "no-relay", f"{N7} R=2 QUIET NO_RELAY", SEATS_STUCK),

    # Of four seats, all but the locked one are needed to make it leave its lock: no Byzantine seat can be
    # spared there. Nor where both honest seats committed in the first round: then nothing else ever is.
    holds("accountability", "n4-two-byzantine", "H=2 F=2 Q=3 R=3", never=("idle = (idle-1)",) * 4),
    # With f Byzantine seats a round has one polka: none justifies what speaks against a lock of that round.
    holds("accountability", "n4-nobody-innocent", "H=3 F=1 Q=3 R=3",
          never=("idle = (idle-1)",) * 2 + ("jr = (other+2)",) * 2),
    fails("accountability", "no-jr", "NO_JR", TOO_FEW_CULPRITS),
    fails("accountability", "strict", "STRICT", INNOCENT_ACCUSED),
    fails("accountability", "own-lock", "H=3 F=1 OWN_LOCK", INNOCENT_ACCUSED),
    fails("accountability", "unproven", "UNPROVEN", TOO_FEW_CULPRITS),
    fails("accountability", "byzantine-quorum", "H=1 F=3", TOO_FEW_CULPRITS),
]
