#include "tests/support/hostile.h"

#include "core/base/check.h"
#include "core/base/codec.h"

#include <algorithm>
#include <functional>

namespace nlbd::hostile {

namespace {

struct Scene {
    Pen &pen;
    Random &random;
    WallTime wall;

    [[nodiscard]] Record draft() const { return pen.draft(pen.typing("malory"), wall); }
    [[nodiscard]] DeviceIndex victim() const
    {
        return DeviceIndex(static_cast<std::uint16_t>(pen.member().me.value == 0 ? 1 : 0));
    }
};

Plan planFor(std::vector<Record> records)
{
    Plan plan;
    plan.frames.push_back(changesFrame(records));
    plan.records = std::move(records);
    return plan;
}

void flip(std::byte &byte)
{
    byte ^= std::byte{0x01};
}

// ---- signatures: rows 1 to 7 -------------------------------------------------------------------

Plan forgedSignature(Scene &s)
{
    Record record = s.draft();
    s.random.fill(record.signature.value);
    return planFor({record});
}

Plan tamperedHeader(Scene &s)
{
    Record record = s.draft();
    record.header.wallMs += 1;
    record.hash = record.header.hash();
    return planFor({record});
}

Plan tamperedPayload(Scene &s)
{
    Record record = s.draft();
    flip(record.payload.back());
    return planFor({record});
}

Plan impersonation(Scene &s)
{
    Record record = s.draft();
    record.header.device = s.victim();
    record.header.seq = Seq(1);
    record.header.prev = s.pen.member().configuration.devices[s.victim().value].admittedBy;
    record.header.lamport = Lamport(1);
    return planFor({s.pen.resigned(std::move(record))});
}

Plan forgedRun(Scene &s)
{
    // Each names the one before it by hash, as the links of a signed run do, but none is signed by
    // the device whose run it would be.
    std::vector<Record> records;
    Hash prev = s.pen.member().configuration.devices[s.victim().value].admittedBy;
    for (std::uint64_t seq = 1; seq <= 3; ++seq) {
        Record record = s.draft();
        record.header.device = s.victim();
        record.header.seq = Seq(seq);
        record.header.prev = prev;
        record.header.lamport = Lamport(seq);
        record.header.doc = history::docIndexOf(s.victim(), 0xFFF1);
        records.push_back(s.pen.resealed(record, s.pen.contentOf(s.draft())));
        prev = records.back().hash;
    }
    return planFor(std::move(records));
}

Plan unknownDevice(Scene &s)
{
    Record record = s.draft();
    record.header.device =
        DeviceIndex(static_cast<std::uint16_t>(s.pen.member().configuration.devices.size() + 7));
    return planFor({s.pen.resigned(std::move(record))});
}

Plan futureEpoch(Scene &s)
{
    Record record = s.draft();
    record.header.epoch = s.pen.member().configuration.epoch.next();
    return planFor({s.pen.resigned(std::move(record))});
}

Plan replay(Scene &s)
{
    const Record record = s.pen.append("again ", s.wall);
    Plan plan = planFor({record});
    plan.frames.push_back(plan.frames.front());
    return plan;
}

Plan otherWorkspace(Scene &s)
{
    Record record = s.draft();
    WorkspaceId other = s.pen.member().configuration.workspace;
    flip(other.value[0]);
    record.signature =
        s.pen.member().scheme.sign(s.pen.member().device, domains::kChange, other, record.hash);
    return planFor({record});
}

Plan otherDocument(Scene &s)
{
    Record record = s.draft();
    record.header.doc = history::docIndexOf(s.victim(), 1);
    record.hash = record.header.hash();
    return planFor({record});
}

Plan crossProtocol(Scene &s)
{
    // The signature of a change, presented as that of an acknowledgement with the same digest.
    const Member &member = s.pen.member();
    const trust::Frontier frontier;
    const auto seat = member.configuration.seatOf(member.me);
    CHECK(seat.has_value());
    trust::Ack ack = trust::signAck(member.scheme, member.device, member.configuration, *seat,
                                    UINT64_MAX / 2, trust::rootOf(frontier));
    ack.signature = member.scheme.sign(member.device, domains::kChange,
                                       member.configuration.workspace, ack.hash());
    gossip::AckMessage message;
    message.ack = ack.encode();
    message.entries = trust::encodeFrontier(frontier);
    Plan plan;
    plan.frames.push_back(frameOf(message));
    return plan;
}

// ---- equivocation: rows 8 and 10 ---------------------------------------------------------------

Plan fork(Scene &s)
{
    const Record first = s.pen.append("to you ", s.wall);
    const Record second = s.pen.twinOf(s.pen.head(), "to them ");
    s.pen.hold(second);
    Plan plan = planFor({first});
    plan.others.push_back(changesFrame({second}));
    plan.records.push_back(second);
    return plan;
}

Plan doubleAck(Scene &s)
{
    if (s.pen.head() == ChangeHandle(0))
        static_cast<void>(s.pen.append("seen ", s.wall));
    const auto &entry = s.pen.graph().entry(s.pen.head());
    const std::uint64_t no = (std::uint64_t{1} << 40U) + s.random.below(1U << 20U);
    Plan plan;
    plan.frames.push_back(s.pen.ack(no, {{s.pen.member().me, entry.seq, entry.hash}}));
    plan.frames.push_back(s.pen.ack(no, {}));
    return plan;
}

// ---- the graph: rows 19 to 25 ------------------------------------------------------------------

Plan dangling(Scene &s)
{
    // Far ahead of the chain: at its next place it would be one half of a fork.
    Record record = s.draft();
    history::DepRef dep{s.victim(), Seq(1'000'000), {}};
    s.random.fill(dep.hash.value);
    record.header.deps = {dep};
    record.header.seq = Seq(record.header.seq.value + 1'000'000);
    s.random.fill(record.header.prev.value);
    return planFor({s.pen.resigned(std::move(record))});
}

Plan cycle(Scene &s)
{
    // A change can name only what was hashed before it. The nearest thing: one that stands, by its
    // logical time, before the change that it follows.
    if (s.pen.head() == ChangeHandle(0))
        static_cast<void>(s.pen.append("first ", s.wall));
    const Record parent = s.pen.recordOf(s.pen.head());
    Record record = s.draft();
    record.header.lamport = parent.header.lamport;
    return planFor({parent, s.pen.resealed(record, s.pen.contentOf(s.draft()))});
}

Plan deepChain(Scene &s)
{
    constexpr std::size_t kDepth = 200;
    std::vector<Record> records;
    for (std::size_t i = 0; i < kDepth; ++i)
        records.push_back(s.pen.append(".", s.wall));
    std::ranges::reverse(records);
    Plan plan = planFor(std::move(records));
    plan.records.clear();
    return plan;
}

Plan fanIn(Scene &s)
{
    while (s.pen.mine().size() < limits::kDepsMax + 2)
        static_cast<void>(s.pen.append("x", s.wall));
    const std::vector<ChangeHandle> mine = s.pen.mine();
    std::vector<Record> records;
    for (const ChangeHandle change : mine)
        records.push_back(s.pen.recordOf(change));
    Record record = s.draft();
    for (std::size_t i = 0; i <= limits::kDepsMax; ++i) {
        const auto &entry = s.pen.graph().entry(mine[i]);
        record.header.deps.push_back({entry.device, entry.seq, entry.hash});
    }
    records.push_back(s.pen.resealed(record, s.pen.contentOf(s.draft())));
    if (records.size() > limits::kRangeChangesMax)
        records.erase(records.begin(), records.end() - limits::kRangeChangesMax);
    return planFor(std::move(records));
}

Plan lamportJump(Scene &s)
{
    Record record = s.draft();
    const Bytes content = s.pen.contentOf(record);
    record.header.lamport = Lamport(record.header.lamport.value + 1'000'000);
    return planFor({s.pen.resealed(std::move(record), content)});
}

Plan clockLie(Scene &s)
{
    return planFor(
        {s.pen.append("from the year 2100 ", s.wall + std::chrono::hours(24 * 365 * 70))});
}

// ---- operations: rows 26 to 30 -----------------------------------------------------------------

/// One insert that hangs right of character 0 of a change named from outside (core/crdt/FORMAT.md).
Bytes insertBehind(DeviceIndex device, std::uint64_t seq)
{
    Writer out;
    out.varint(1);
    out.u8(0x04 | 0x18); // insert, right side, target of any device
    out.varint(device.value);
    out.varint(seq);
    out.varint(0);
    out.text("x");
    return std::move(out).take();
}

Plan withContent(Scene &s, ByteView content)
{
    Record record = s.draft();
    record.header.opCount = 1;
    return planFor({s.pen.resealed(std::move(record), content)});
}

Plan stolenId(Scene &s)
{
    // The author's name is not part of an op: whoever wants another's id must sign as that device.
    Record record = s.draft();
    record.header.device = s.victim();
    record.header.seq = Seq(1);
    record.header.prev = s.pen.member().configuration.devices[s.victim().value].admittedBy;
    record.header.lamport = Lamport(1);
    return planFor({s.pen.resealed(record, s.pen.contentOf(s.draft()))});
}

Plan opTarget(Scene &s)
{
    return withContent(s, insertBehind(s.victim(), 1'000'000));
}

Plan splitValidity(Scene &s)
{
    // Whoever holds the victim's first change could apply it, whoever does not could not: it is
    // refused by both, because the change does not name it among its parents.
    return withContent(s, insertBehind(s.victim(), 1));
}

Plan giantOps(Scene &s)
{
    Record record = s.draft();
    record.header.opCount = limits::kOpsMax + 1;
    return planFor({s.pen.resigned(std::move(record))});
}

Plan giantPayload(Scene &s)
{
    Record record = s.draft();
    record.payload.resize(limits::kPayloadBytesMax + 1);
    record.header.payloadBytes = static_cast<std::uint32_t>(record.payload.size());
    record.header.payloadHash = digest(domains::kPayload, record.payload);
    return planFor({s.pen.resigned(std::move(record))});
}

Plan bomb(Scene &s)
{
    // A handful of bytes that would remove eight thousand million characters.
    if (s.pen.head() == ChangeHandle(0))
        static_cast<void>(s.pen.append("first ", s.wall));
    const Record parent = s.pen.recordOf(s.pen.head());
    Writer out;
    out.varint(1);
    out.u8(0x01 | 0x10); // delete, target of my own device
    out.varint(1);
    out.varint(1);
    out.varint(std::uint64_t{1} << 33U);
    Plan plan = withContent(s, out.bytes());
    plan.records.insert(plan.records.begin(), parent);
    plan.frames = {changesFrame(plan.records)};
    return plan;
}

// ---- decoders: row 31 --------------------------------------------------------------------------

Plan trailingByte(Scene &s)
{
    gossip::Changes message;
    message.changes.push_back(history::encodeFull(s.draft()));
    message.changes.back().push_back(std::byte{0});
    Plan plan;
    plan.frames.push_back(frameOf(message));
    return plan;
}

Plan garbage(Scene &s)
{
    Plan plan;
    Frame frame{static_cast<std::uint8_t>(gossip::Kind::Changes), Bytes(200)};
    s.random.fill(frame.body);
    frame.body[0] = std::byte{0xFF}; // never a boolean
    plan.frames.push_back(std::move(frame));
    return plan;
}

struct Entry {
    Attack attack;
    Plan (*plan)(Scene &);
};

const std::vector<Entry> &entries()
{
    static const std::vector<Entry> kEntries{
        {{"forge-signature", 1, Code::E_SIG, "A change with random bytes for a signature."},
         forgedSignature},
        {{"tamper-header", 2, Code::E_SIG,
          "A change whose header was altered after it was signed."},
         tamperedHeader},
        {{"tamper-payload", 2, Code::E_PAYLOAD_HASH,
          "A change whose text was altered after it was signed."},
         tamperedPayload},
        {{"impersonate", 3, Code::E_SIG, "A change in another member's name, signed with my key."},
         impersonation},
        {{"forge-run", 3, Code::E_SIG,
          "A run of changes in another's name, of which not even the last is signed."},
         forgedRun},
        {{"unknown-device", 4, Code::E_NOT_MEMBER, "A change by a device that nobody admitted."},
         unknownDevice},
        {{"future-epoch", 4, Code::BUFFERED,
          "A change that names a decision which was never made."},
         futureEpoch},
        {{"replay", 5, Code::DUPLICATE, "The same good change, sent twice."}, replay},
        {{"graft-workspace", 6, Code::E_SIG, "A change that was signed for another workspace."},
         otherWorkspace},
        {{"graft-document", 6, Code::E_SIG, "A change that was signed for another document."},
         otherDocument},
        {{"cross-protocol", 7, Code::E_SIG,
          "The signature of a change, presented as an acknowledgement's."},
         crossProtocol},
        {{"dangle", 19, Code::BUFFERED, "A change that builds on one which nobody has."}, dangling},
        {{"steal-op-id", 26, Code::E_SIG,
          "Another's operation id: it needs that device's signature."},
         stolenId},
        {{"op-target", 27, Code::E_OP_TARGET, "An edit behind a character that does not exist."},
         opTarget},
        {{"split-validity", 28, Code::E_OP_TARGET,
          "An edit that would be good for some and bad for others."},
         splitValidity},
        {{"giant-ops", 29, Code::E_BOUNDS, "A change with more operations than one may hold."},
         giantOps},
        {{"giant-payload", 29, Code::E_BOUNDS, "A change with more bytes than one may hold."},
         giantPayload},
        {{"bomb", 30, Code::E_BOUNDS, "Ten bytes that unfold to eight thousand million deletions."},
         bomb},
        {{"trailing-byte", 31, Code::E_CANON, "A good change with one byte too many."},
         trailingByte},
        {{"garbage", 31, Code::E_CANON, "Bytes that are no message."}, garbage},
        {{"clock-lie", 25, Code::CLOCK_CLAMPED,
          "A good change dated seventy years ahead: taken, its time held."},
         clockLie},
        {{"deep-chain", 22, Code::BUFFERED,
          "Two hundred changes, the newest first: each waits, all are placed at once."},
         deepChain},
        {{"double-ack", 10, Code::EV_DOUBLE_ACK,
          "Two acknowledgements with one number that exclude each other."},
         doubleAck},
        {{"cycle", 21, Code::E_LAMPORT, "As near to a cycle as can be: dated before its parent.",
          true},
         cycle},
        {{"fan-in", 23, Code::E_STRUCT, "A change that builds on more than one may name.", true},
         fanIn},
        {{"lamport-jump", 24, Code::E_LAMPORT, "A change whose logical time jumps by a million.",
          true},
         lamportJump},
        {{"fork", 8, Code::EV_FORK, "Two changes for one place, for two halves of the group.",
          true},
         fork},
    };
    return kEntries;
}

} // namespace

const std::vector<Attack> &attacks()
{
    static const std::vector<Attack> kAttacks = [] {
        std::vector<Attack> list;
        for (const Entry &entry : entries())
            list.push_back(entry.attack);
        return list;
    }();
    return kAttacks;
}

const Attack *attackNamed(std::string_view verb)
{
    for (const auto *list : {&attacks(), &councilAttacks(), &lies(), &blobAttacks()}) {
        const auto found = std::ranges::find(*list, verb, &Attack::verb);
        if (found != list->end())
            return &*found;
    }
    return nullptr;
}

Plan planOf(std::string_view verb, Pen &pen, Random &random, WallTime wall)
{
    const auto found =
        std::ranges::find(entries(), verb, [](const Entry &e) { return e.attack.verb; });
    if (found == entries().end()) {
        if (std::ranges::find(blobAttacks(), verb, &Attack::verb) != blobAttacks().end())
            return blobPlanOf(verb, pen, random, wall);
        const bool isLie = std::ranges::find(lies(), verb, &Attack::verb) != lies().end();
        return isLie ? liePlanOf(verb, pen, random, wall) : councilPlanOf(verb, pen, random);
    }
    Scene scene{pen, random, wall};
    return found->plan(scene);
}

} // namespace nlbd::hostile
