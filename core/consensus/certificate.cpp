#include "core/consensus/certificate.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/limits.h"
#include "core/base/mutant.h"

namespace nlbd::consensus {

namespace {

/// What certificate and polka share: where they stand, and lines in strict order of seats.
template <typename Record>
void writeHead(Writer &out, const Record &record)
{
    CHECK(!record.value.isZero() && record.lines.size() <= limits::kMembersMax);
    out.u32(record.epoch.value);
    out.u32(record.round.value);
    out.fixedBytes(record.value);
    out.varint(record.lines.size());
}

template <typename Record>
std::expected<Record, Code> readRecord(ByteView bytes, auto readLine)
{
    Reader in(bytes);
    Record record;
    record.epoch = Epoch(in.u32());
    record.round = Round(in.u32());
    record.value = in.fixedBytes<Hash>();
    const std::uint64_t count = in.varint();
    if (in.ok() && (count > limits::kMembersMax || record.round.value > limits::kRoundMax))
        return std::unexpected(Code::E_BOUNDS);
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        record.lines.push_back(readLine(in, record.round));
        const bool isFirst = record.lines.size() == 1;
        if (!isFirst && record.lines[record.lines.size() - 2].seat >= record.lines.back().seat)
            in.fail();
    }
    if (!in.done() || record.value.isZero())
        return std::unexpected(Code::E_CANON);
    return record;
}

/// A record that was made here may hold anything; one that was decoded is in order already.
template <typename Record>
std::expected<void, Code> verifyLines(const Record &record, const identity::SignatureScheme &scheme,
                                      const identity::Configuration &configuration)
{
    const auto isMisplaced = [](const auto &a, const auto &b) { return a.seat >= b.seat; };
    std::size_t needed = identity::quorumOf(configuration.seats.size());
    if (NLBD_MUTANT("certificate-quorum-minus-one"))
        --needed;
    if (record.epoch != configuration.epoch || record.lines.size() < needed
        || (std::ranges::adjacent_find(record.lines, isMisplaced) != record.lines.end()
            && !NLBD_MUTANT("certificate-seat-twice"))
        || record.lines.back().seat.value >= configuration.seats.size())
        return std::unexpected(Code::E_STRUCT);
    for (const Vote &vote : record.votes())
        if (!isSigned(scheme, configuration, vote) && !NLBD_MUTANT("certificate-unchecked"))
            return std::unexpected(Code::E_SIG);
    return {};
}

} // namespace

Bytes Certificate::encode() const
{
    Writer out;
    writeHead(out, *this);
    for (const CommitLine &line : lines) {
        out.u16(line.seat.value);
        out.fixedBytes(line.signature);
    }
    return std::move(out).take();
}

std::expected<Certificate, Code> Certificate::decode(ByteView bytes)
{
    return readRecord<Certificate>(bytes, [](Reader &in, Round) {
        CommitLine line;
        line.seat = SeatIndex(in.u16());
        line.signature = in.fixedBytes<Signature>();
        return line;
    });
}

std::expected<void, Code> Certificate::verify(const identity::SignatureScheme &scheme,
                                              const identity::Configuration &configuration) const
{
    return verifyLines(*this, scheme, configuration);
}

std::vector<Vote> Certificate::votes() const
{
    std::vector<Vote> result;
    result.reserve(lines.size());
    for (const CommitLine &line : lines)
        result.push_back({Phase::Precommit, epoch, round, line.seat, value, {}, line.signature});
    return result;
}

Bytes Polka::encode() const
{
    Writer out;
    writeHead(out, *this);
    for (const PolkaLine &line : lines) {
        out.u16(line.seat.value);
        out.u32(line.polka ? line.polka->value + 1 : 0);
        out.fixedBytes(line.signature);
    }
    return std::move(out).take();
}

std::expected<Polka, Code> Polka::decode(ByteView bytes)
{
    return readRecord<Polka>(bytes, [](Reader &in, Round round) {
        PolkaLine line;
        line.seat = SeatIndex(in.u16());
        if (const std::uint32_t next = in.u32(); next > 0)
            line.polka = Round(next - 1);
        if (line.polka && *line.polka >= round)
            in.fail();
        line.signature = in.fixedBytes<Signature>();
        return line;
    });
}

std::expected<void, Code> Polka::verify(const identity::SignatureScheme &scheme,
                                        const identity::Configuration &configuration) const
{
    return verifyLines(*this, scheme, configuration);
}

std::vector<Vote> Polka::votes() const
{
    std::vector<Vote> result;
    result.reserve(lines.size());
    for (const PolkaLine &line : lines)
        result.push_back(
            {Phase::Prevote, epoch, round, line.seat, value, line.polka, line.signature});
    return result;
}

} // namespace nlbd::consensus
