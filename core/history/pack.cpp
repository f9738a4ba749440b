#include "core/history/pack.h"

#include "core/base/codec.h"
#include "core/history/change_codec.h"
#include "core/history/checkpoint.h"
#include "core/history/untried_signatures.h"

#include <utility>

namespace nlbd::history {

namespace {

constexpr Domain kPack{"rt1.pack"};
constexpr std::uint8_t kLevel = 1;

enum class Form : std::uint8_t { Signed = 1, Decided = 2 };

Hash digestOf(std::span<const PackedChange> changes)
{
    Writer hashes;
    for (const PackedChange &change : changes)
        hashes.fixedBytes(change.hash);
    return digest(kPack, hashes.bytes());
}

/// Places of changes whose own signature was not tried, or does not hold: gaps between them.
void putUnchecked(std::span<const PackedChange> changes, Writer &out)
{
    std::vector<std::size_t> gaps;
    std::size_t next = 0;
    for (std::size_t i = 0; i < changes.size(); ++i)
        if (!changes[i].isSignatureChecked)
            gaps.push_back(i - std::exchange(next, i + 1));
    out.varint(gaps.size());
    for (const std::size_t gap : gaps)
        out.varint(gap);
}

bool readUnchecked(Reader &in, std::vector<std::size_t> &places)
{
    std::size_t next = 0;
    for (std::uint64_t left = in.varint(in.left()); left > 0 && in.ok(); --left) {
        places.push_back(next + in.varint(kArchiveChangesMax));
        next = places.back() + 1;
    }
    return in.ok();
}

std::expected<Bytes, Code> encodeSigned(std::span<const PackedChange> changes,
                                        const identity::Configuration &configuration,
                                        const KeyLookup &key)
{
    std::vector<UnverifiedChange> all;
    for (const PackedChange &it : changes) {
        auto change = decodeFull(it.record);
        if (!change)
            return std::unexpected(change.error());
        all.push_back(std::move(*change));
    }
    return encodeArchive(all, configuration, key, ArchiveSignatures::All);
}

std::expected<Bytes, Code> encodeDecidedOnes(std::span<const PackedChange> changes,
                                             const identity::Configuration &configuration)
{
    std::vector<DecidedChange> all;
    for (const PackedChange &it : changes) {
        auto change = decodeDecided(it.record);
        if (!change)
            return std::unexpected(change.error());
        all.push_back(std::move(*change));
    }
    return encodeCheckpoint(all, configuration);
}

std::expected<std::vector<PackedChange>, Code>
decodeSigned(ByteView bytes, const identity::Configuration &configuration, const KeyLookup &key)
{
    const auto archived = decodeArchive(bytes, configuration, UntriedSignatures(true), key);
    if (!archived)
        return std::unexpected(archived.error());
    std::vector<PackedChange> changes;
    for (const ArchivedChange &it : *archived) {
        if (!it.isSigned)
            return std::unexpected(Code::E_CANON); // Tails: made by somebody else
        changes.push_back({it.change.hash, encodeFull(it.change), true});
    }
    return changes;
}

std::expected<std::vector<PackedChange>, Code>
decodeDecidedOnes(ByteView bytes, const identity::Configuration &configuration)
{
    const auto decided = decodeCheckpoint(bytes, configuration);
    if (!decided)
        return std::unexpected(decided.error());
    std::vector<PackedChange> changes;
    for (const DecidedChange &it : *decided)
        changes.push_back({it.hash, encodeDecided(it), true});
    return changes;
}

} // namespace

std::expected<Bytes, Code> encodePack(std::span<const PackedChange> changes,
                                      const identity::Configuration &configuration,
                                      const KeyLookup &key)
{
    const bool isDecided = !changes.empty() && isDecidedForm(changes.front().record);
    auto packed = isDecided ? encodeDecidedOnes(changes, configuration)
                            : encodeSigned(changes, configuration, key);
    if (!packed)
        return packed;
    Writer out;
    out.u8(kLevel);
    out.u8(static_cast<std::uint8_t>(isDecided ? Form::Decided : Form::Signed));
    putUnchecked(changes, out);
    out.fixedBytes(digestOf(changes));
    out.raw(*packed);
    Bytes bytes = std::move(out).take();
    const auto again = decodePack(bytes, configuration, key);
    if (!again || !std::ranges::equal(*again, changes))
        return std::unexpected(again ? Code::E_STRUCT : again.error());
    return bytes;
}

std::expected<std::vector<PackedChange>, Code>
decodePack(ByteView bytes, const identity::Configuration &configuration, const KeyLookup &key)
{
    Reader in(bytes);
    const bool isPack = in.u8() == kLevel;
    const std::uint8_t form = in.u8();
    std::vector<std::size_t> unchecked;
    if (!isPack || !readUnchecked(in, unchecked))
        return std::unexpected(Code::E_CANON);
    const auto seen = in.fixedBytes<Hash>();
    const ByteView rest = in.raw(in.left());
    const bool isDecided = form == static_cast<std::uint8_t>(Form::Decided);
    if (!in.ok() || (!isDecided && form != static_cast<std::uint8_t>(Form::Signed)))
        return std::unexpected(Code::E_CANON);
    auto changes =
        isDecided ? decodeDecidedOnes(rest, configuration) : decodeSigned(rest, configuration, key);
    if (!changes)
        return changes;
    for (const std::size_t place : unchecked) {
        if (place >= changes->size() || isDecided)
            return std::unexpected(Code::E_CANON);
        (*changes)[place].isSignatureChecked = false;
    }
    if (digestOf(*changes) != seen)
        return std::unexpected(Code::E_CANON);
    return changes;
}

} // namespace nlbd::history
