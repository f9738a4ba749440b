// Lies about what one holds, what others did, and which key or format counts.

#include "core/base/check.h"
#include "core/consensus/close.h"
#include "core/trust/evidence.h"
#include "tests/support/hostile.h"

#include <algorithm>

namespace nlbd::hostile {

namespace {

using gossip::ControlKind;

constexpr std::size_t kOrphans = 300;
constexpr std::size_t kTwins = 100;
/// Of the level before the first. Records say their level by the domain that they are signed in.
constexpr Domain kOldChange{"rt0.change"};

struct Scene {
    Pen &pen;
    Random &random;
    WallTime wall;

    [[nodiscard]] const Member &me() const { return pen.member(); }
    [[nodiscard]] Record draft() const { return pen.draft(pen.typing("malory"), wall); }
    [[nodiscard]] DeviceIndex victim() const { return DeviceIndex(me().me.value == 0 ? 1 : 0); }
    [[nodiscard]] Hash anyHash() const
    {
        Hash hash;
        random.fill(hash.value);
        return hash;
    }
    /// Higher than my engine comes, and another one each time.
    [[nodiscard]] std::uint64_t ackNo() const
    {
        return (std::uint64_t{1} << 41U) + random.below(std::uint64_t{1} << 40U);
    }
    [[nodiscard]] trust::FrontierEntry myHead() const
    {
        if (pen.head() == ChangeHandle(0))
            static_cast<void>(pen.append("mine ", wall));
        const auto &entry = pen.graph().entry(pen.head());
        return {me().me, entry.seq, entry.hash};
    }
    [[nodiscard]] Frame report(std::uint64_t lastAckNo, trust::Frontier frontier) const
    {
        const auto seat = me().configuration.seatOf(me().me);
        CHECK(seat.has_value());
        const auto close = consensus::signClose(me().scheme, me().device, me().configuration, *seat,
                                                lastAckNo, std::move(frontier));
        return frameOf(gossip::ControlRecords{{{ControlKind::Close, close.encode()}}});
    }
};

Plan planFor(std::vector<Record> records)
{
    Plan plan;
    plan.frames.push_back(changesFrame(records));
    plan.records = std::move(records);
    return plan;
}

Plan framesOnly(std::vector<Frame> frames)
{
    Plan plan;
    plan.frames = std::move(frames);
    return plan;
}

Plan salamander(Scene &s)
{
    // Only who has the other key as well could read it: two readers, two texts.
    Record record = s.draft();
    const Bytes content = s.pen.contentOf(record);
    const auto other = keys::WorkspaceKey::generate(s.random);
    const history::ChangeHeader &header = record.header;
    record.payload = keys::sealPayload(
        other, {header.doc, header.device, header.seq, header.associated()}, content);
    record.header.payloadHash = digest(domains::kPayload, record.payload);
    return planFor({s.pen.resigned(std::move(record))});
}

Plan downgrade(Scene &s)
{
    Record record = s.draft();
    record.signature =
        s.me().scheme.sign(s.me().device, kOldChange, s.me().configuration.workspace, record.hash);
    return planFor({record});
}

Plan orphanFlood(Scene &s)
{
    std::vector<Frame> frames;
    for (std::size_t i = 0; i < kOrphans; ++i) {
        Record record = s.draft();
        record.header.seq = Seq(record.header.seq.value + 1'000 + i);
        record.header.prev = s.anyHash();
        frames.push_back(changesFrame({s.pen.resigned(std::move(record))}));
    }
    return framesOnly(std::move(frames));
}

Plan ackUnseen(Scene &s)
{
    return framesOnly({s.pen.ack(s.ackNo(), {{s.victim(), Seq(1'000), s.anyHash()}})});
}

Plan staleAck(Scene &s)
{
    const std::uint64_t no = s.ackNo();
    return framesOnly({s.pen.ack(no, {s.myHead()}), s.pen.ack(no + 1, {})});
}

Plan omittingReport(Scene &s)
{
    const std::uint64_t no = s.ackNo();
    return framesOnly({s.pen.ack(no, {s.myHead()}), s.report(no, {})});
}

Plan inflatedReport(Scene &s)
{
    return framesOnly({s.report(0, {{s.victim(), Seq(1'000), s.anyHash()}})});
}

Plan withheldReport(Scene &s)
{
    // A real change, which nobody is given: no closure of it can be held.
    const Record record = s.draft();
    return framesOnly({s.report(0, {{s.me().me, record.header.seq, record.hash}})});
}

Plan framedFork(Scene &s)
{
    // What the victim might have written, twice, under my signature.
    std::vector<history::SignedHeader> halves;
    for (const std::int64_t wall : {1, 2}) {
        history::SignedHeader half;
        half.header.device = s.victim();
        half.header.seq = Seq(1);
        half.header.prev = s.me().configuration.devices[s.victim().value].admittedBy;
        half.header.lamport = Lamport(1);
        half.header.doc = history::docIndexOf(s.victim(), 1);
        half.header.wallMs = wall;
        half.signature = s.me().scheme.sign(s.me().device, domains::kChange,
                                            s.me().configuration.workspace, half.header.hash());
        halves.push_back(half);
    }
    const trust::Evidence lie = trust::forkEvidence(halves[0], halves[1]);
    return framesOnly({frameOf(gossip::EvidenceMessage{lie.encode()})});
}

Plan forkStorm(Scene &s)
{
    static_cast<void>(s.myHead());
    Plan plan = planFor({s.pen.recordOf(s.pen.head())});
    for (std::size_t i = 0; i < kTwins; ++i) {
        const Record twin = s.pen.twinOf(s.pen.head(), "truth " + std::to_string(i) + " ");
        s.pen.hold(twin);
        plan.frames.push_back(changesFrame({twin}));
    }
    return plan;
}

struct Entry {
    Attack attack;
    Plan (*plan)(Scene &);
};

const std::vector<Entry> &entries()
{
    static const std::vector<Entry> kEntries{
        {{"salamander", 33, Code::E_KEY_COMMIT, "A change under a key that was never decided."},
         salamander},
        {{"downgrade", 7, Code::E_SIG, "A change signed in the format before the first."},
         downgrade},
        {{"frame-fork", 8, Code::E_SIG, "A proof that the victim forked, signed by me."},
         framedFork},
        {{"orphan-flood", 19, Code::BUFFERED, "Three hundred changes that build on nothing."},
         orphanFlood},
        {{"ack-unseen", 11, std::nullopt, "An acknowledgement of what nobody has written."},
         ackUnseen},
        {{"inflate-report", 20, std::nullopt, "A closing report of what nobody has written."},
         inflatedReport},
        {{"withhold-report", 20, std::nullopt, "A closing report of a change that I keep back."},
         withheldReport},
        {{"stale-ack", 10, Code::EV_DOUBLE_ACK,
          "An acknowledgement that takes back the one before."},
         staleAck},
        {{"omit-report", 20, Code::EV_DOUBLE_CLOSE,
          "A closing report that leaves out what I acknowledged."},
         omittingReport},
        {{"fork-storm", 9, Code::EV_FORK, "A hundred changes for one place in my history.", true},
         forkStorm},
    };
    return kEntries;
}

} // namespace

const std::vector<Attack> &lies()
{
    static const std::vector<Attack> kLies = [] {
        std::vector<Attack> list;
        for (const Entry &entry : entries())
            list.push_back(entry.attack);
        return list;
    }();
    return kLies;
}

Plan liePlanOf(std::string_view verb, Pen &pen, Random &random, WallTime wall)
{
    const auto found =
        std::ranges::find(entries(), verb, [](const Entry &e) { return e.attack.verb; });
    CHECK(found != entries().end());
    Scene scene{pen, random, wall};
    return found->plan(scene);
}

} // namespace nlbd::hostile
