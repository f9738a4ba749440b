#include "core/consensus/value.h"

#include "core/base/codec.h"
#include "core/base/limits.h"
#include "core/consensus/parts_codec.h"
#include "core/consensus/record_domains.h"

namespace nlbd::consensus {

namespace {

void writeOptional(Writer &out, const std::optional<Hash> &hash)
{
    out.u8(hash ? 1 : 0);
    if (hash)
        out.fixedBytes(*hash);
}

std::optional<Hash> readOptional(Reader &in)
{
    if (!readFlag(in))
        return std::nullopt;
    return in.fixedBytes<Hash>();
}

std::vector<Hash> readProposals(Reader &in, std::uint64_t count)
{
    std::vector<Hash> proposals;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        const auto hash = in.fixedBytes<Hash>();
        if (!proposals.empty() && proposals.back() >= hash)
            in.fail();
        proposals.push_back(hash);
    }
    return proposals;
}

std::vector<Value::Report> readReports(Reader &in, std::uint64_t count)
{
    std::vector<Value::Report> reports;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        Value::Report report;
        report.seat = SeatIndex(in.u16());
        report.close = in.fixedBytes<Hash>();
        if (!reports.empty() && reports.back().seat >= report.seat)
            in.fail();
        reports.push_back(report);
    }
    return reports;
}

} // namespace

Hash Value::hash() const
{
    return digest(domains::kValue, encode());
}

Bytes Value::encode() const
{
    Writer out;
    out.u32(epoch.value);
    out.fixedBytes(previousDecision);
    out.varint(proposals.size());
    for (const Hash &proposal : proposals)
        out.fixedBytes(proposal);
    out.varint(reports.size());
    for (const Report &report : reports) {
        out.u16(report.seat.value);
        out.fixedBytes(report.close);
    }
    writeOptional(out, keyOffer);
    out.fixedBytes(closing);
    out.fixedBytes(nextConfiguration);
    writeOptional(out, stateRoot);
    return std::move(out).take();
}

std::expected<Value, Code> Value::decode(ByteView bytes)
{
    Reader in(bytes);
    Value value;
    value.epoch = Epoch(in.u32());
    value.previousDecision = in.fixedBytes<Hash>();
    const std::uint64_t proposalCount = in.varint();
    if (in.ok() && proposalCount > kProposalsPerValueMax)
        return std::unexpected(Code::E_BOUNDS);
    value.proposals = readProposals(in, proposalCount);
    const std::uint64_t reportCount = in.varint();
    if (in.ok() && reportCount > limits::kMembersMax)
        return std::unexpected(Code::E_BOUNDS);
    value.reports = readReports(in, reportCount);
    value.keyOffer = readOptional(in);
    value.closing = in.fixedBytes<Hash>();
    value.nextConfiguration = in.fixedBytes<Hash>();
    value.stateRoot = readOptional(in);
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    return value;
}

} // namespace nlbd::consensus
