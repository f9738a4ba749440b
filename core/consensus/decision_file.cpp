#include "core/consensus/decision_file.h"

#include "core/base/check.h"

namespace nlbd::consensus {

namespace {

constexpr std::string_view kHead = "nlbd-decision1\n";

} // namespace

Bytes encodeDecisionFile(const identity::SignedGenesis &genesis,
                         const std::vector<Bytes> &decisions)
{
    CHECK(!decisions.empty());
    Writer out;
    out.raw(bytesOf(kHead));
    out.blob(genesis.encode());
    out.varint(decisions.size());
    for (const Bytes &decision : decisions)
        out.blob(decision);
    return std::move(out).take();
}

std::vector<DeviceIndex> DecisionFile::signers() const
{
    std::vector<DeviceIndex> result;
    for (const CommitLine &line : certificate.lines) {
        CHECK(line.seat.value < before.seats.size()); // a certificate that was verified
        result.push_back(before.seats[line.seat.value]);
    }
    return result;
}

std::expected<DecisionFile, FileFault> checkDecisionFile(ByteView bytes,
                                                         const identity::SignatureScheme &scheme)
{
    if (bytes.size() > kChainFileBytesMax)
        return fileFault(Code::E_BOUNDS, "The file is larger than any decision.");
    Reader in(bytes);
    if (auto head = readHead(in, kHead, "decision"); !head)
        return std::unexpected(std::move(head.error()));
    auto genesis = readFounding(in, scheme);
    if (!genesis)
        return std::unexpected(std::move(genesis.error()));
    DecisionFile file;
    file.genesis = std::move(*genesis);
    file.after = file.genesis.genesis.configuration();
    const std::uint64_t count = readDecisionCount(in);
    if (count == 0)
        return fileFault(Code::E_CANON, "There is no decision in the file, or it was cut short.");
    for (std::uint64_t i = 0; i < count; ++i) {
        file.before = std::move(file.after);
        auto followed = readDecision(in, file.before, scheme);
        if (!followed)
            return std::unexpected(std::move(followed.error()));
        file.decision = std::move(followed->decision);
        file.after = std::move(followed->after);
    }
    if (!in.done())
        return fileFault(Code::E_CANON, "Something stands behind the end of the file.");
    auto certificate = Certificate::decode(file.decision.certificate);
    CHECK(certificate.has_value()); // it was verified
    file.certificate = std::move(*certificate);
    return file;
}

} // namespace nlbd::consensus
