#include "core/gossip/control_message.h"

#include "core/base/codec.h"
#include "core/base/digest.h"
#include "core/base/limits.h"
#include "core/gossip/message_parts.h"

namespace nlbd::gossip {

namespace {

constexpr std::size_t kProposalsMax = 4096; // three of each member, and what was withdrawn
constexpr std::size_t kRoundsMax = 1024;    // of polkas: rounds grow longer by 1.4
constexpr std::size_t kRecordsMax = 2048;   // a frame is smaller
constexpr std::size_t kHashesMax = 1024;
constexpr std::size_t kDecisionsMax = 256;
constexpr std::size_t kRecordBytesMax = 128 * 1024;
constexpr std::size_t kDecisionBytesMax = 512 * 1024;
constexpr std::size_t kSealedBytesMax = 32 + 48; // one box
constexpr std::size_t kBitmapBytesMax = limits::kMembersMax / 8;

void writeBitmap(Writer &out, const Bytes &bits)
{
    out.blob(bits);
}

Bytes readBitmap(Reader &in)
{
    Bytes bits = copyOf(in.blob(kBitmapBytesMax));
    if (!bits.empty() && bits.back() == std::byte{0})
        in.fail();
    return bits;
}

ControlSummary::Proposal readProposal(Reader &in)
{
    ControlSummary::Proposal proposal;
    proposal.id = in.u64();
    proposal.isHeld = readBool(in);
    proposal.answers =
        readList<ControlSummary::Proposal::Answer>(in, limits::kMembersMax * 2, 5, [](Reader &r) {
            ControlSummary::Proposal::Answer answer;
            answer.device = DeviceIndex(static_cast<std::uint16_t>(r.varint(UINT16_MAX)));
            answer.tag = r.u32();
            return answer;
        });
    if (!std::ranges::is_sorted(proposal.answers, std::less_equal{}))
        in.fail();
    return proposal;
}

ControlSummary::Round readRound(Reader &in)
{
    ControlSummary::Round round;
    round.round = static_cast<std::uint32_t>(in.varint(UINT32_MAX));
    round.proposed = readBitmap(in);
    round.prevoted = readBitmap(in);
    round.precommitted = readBitmap(in);
    round.hasPolka = readBool(in);
    return round;
}

} // namespace

std::uint32_t tagOf(const Hash &answer, std::uint64_t salt)
{
    Writer salted;
    salted.u64(salt);
    const Hash hash = digest(domains::kControl, {salted.bytes(), answer.view()});
    return Reader(hash.view()).u32();
}

void write(Writer &out, const ControlSummary &m)
{
    out.u32(m.epoch.value);
    out.u64(m.salt);
    out.varint(m.proposals.size());
    for (const ControlSummary::Proposal &proposal : m.proposals) {
        out.u64(proposal.id);
        writeBool(out, proposal.isHeld);
        out.varint(proposal.answers.size());
        for (const ControlSummary::Proposal::Answer &answer : proposal.answers) {
            out.varint(answer.device.value);
            out.u32(answer.tag);
        }
    }
    writeBitmap(out, m.closes);
    out.varint(m.rounds.size());
    for (const ControlSummary::Round &round : m.rounds) {
        out.varint(round.round);
        writeBitmap(out, round.proposed);
        writeBitmap(out, round.prevoted);
        writeBitmap(out, round.precommitted);
        writeBool(out, round.hasPolka);
    }
    writeBool(out, m.isReply);
}

ControlSummary readControlSummary(Reader &in)
{
    ControlSummary m;
    m.epoch = Epoch(in.u32());
    m.salt = in.u64();
    m.proposals = readList<ControlSummary::Proposal>(in, kProposalsMax, 10, readProposal);
    m.closes = readBitmap(in);
    m.rounds = readList<ControlSummary::Round>(in, kRoundsMax, 5, readRound);
    m.isReply = readBool(in);
    if (!std::ranges::is_sorted(m.proposals, std::less_equal{}, &ControlSummary::Proposal::id)
        || !std::ranges::is_sorted(m.rounds, std::less_equal{}, &ControlSummary::Round::round))
        in.fail();
    return m;
}

void write(Writer &out, const ControlRecords &m)
{
    out.varint(m.records.size());
    for (const ControlRecords::Record &record : m.records) {
        out.u8(static_cast<std::uint8_t>(record.kind));
        out.blob(record.bytes);
    }
}

ControlRecords readControlRecords(Reader &in)
{
    return {readList<ControlRecords::Record>(in, kRecordsMax, 2, [](Reader &r) {
        ControlRecords::Record record;
        const std::uint8_t kind = r.u8();
        if (kind < static_cast<std::uint8_t>(ControlKind::Proposal)
            || kind > static_cast<std::uint8_t>(ControlKind::ShortClose))
            r.fail();
        record.kind = static_cast<ControlKind>(kind);
        record.bytes = copyOf(r.blob(kRecordBytesMax));
        return record;
    })};
}

void write(Writer &out, const PullControl &m)
{
    out.varint(m.hashes.size());
    for (const Hash &hash : m.hashes)
        out.fixedBytes(hash);
}

PullControl readPullControl(Reader &in)
{
    return {readList<Hash>(in, kHashesMax, Hash::kSize,
                           [](Reader &r) { return r.fixedBytes<Hash>(); })};
}

void write(Writer &out, const PullDecisions &m)
{
    out.u32(m.from.value);
}

PullDecisions readPullDecisions(Reader &in)
{
    return {Epoch(in.u32())};
}

void write(Writer &out, const Decisions &m)
{
    out.varint(m.decisions.size());
    for (const Bytes &decision : m.decisions)
        out.blob(decision);
}

Decisions readDecisions(Reader &in)
{
    return {readList<Bytes>(in, kDecisionsMax, 1,
                            [](Reader &r) { return copyOf(r.blob(kDecisionBytesMax)); })};
}

void write(Writer &, const PullKey &) {}

PullKey readPullKey(Reader &)
{
    return {};
}

void write(Writer &out, const SealedKey &m)
{
    out.u16(m.keyEpoch.value);
    out.blob(m.offer);
}

SealedKey readSealedKey(Reader &in)
{
    SealedKey m;
    m.keyEpoch = KeyEpoch(in.u16());
    m.offer = copyOf(in.blob(kSealedBytesMax));
    return m;
}

} // namespace nlbd::gossip
