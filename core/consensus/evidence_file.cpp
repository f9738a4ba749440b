#include "core/consensus/evidence_file.h"

#include "core/base/codec.h"

namespace nlbd::consensus {

namespace {

constexpr std::string_view kHead = "nlbd-evidence2\n";

/// Replays the decisions of the file.
std::expected<identity::Configuration, FileFault> replay(Reader &in, identity::Configuration now,
                                                         const identity::SignatureScheme &scheme)
{
    const std::uint64_t count = readDecisionCount(in);
    for (std::uint64_t i = 0; i < count; ++i) {
        auto followed = readDecision(in, now, scheme);
        if (!followed)
            return std::unexpected(std::move(followed.error()));
        now = std::move(followed->after);
    }
    return now;
}

} // namespace

Bytes encodeEvidenceFile(const identity::SignedGenesis &genesis,
                         const std::vector<Bytes> &decisions, const Proof &proof)
{
    Writer out;
    out.raw(bytesOf(kHead));
    out.blob(genesis.encode());
    out.varint(decisions.size());
    for (const Bytes &decision : decisions)
        out.blob(decision);
    out.blob(proof.encode());
    return std::move(out).take();
}

Epoch epochToShow(const Proof &proof, const identity::Configuration &now)
{
    Epoch epoch = proof.seatEpoch().value_or(Epoch(0));
    const auto raise = [&epoch](Epoch to) { epoch = std::max(epoch, to); };
    if (const auto device = proof.device()) {
        if (const identity::Device *known = now.device(*device))
            raise(known->writesSince);
        // A broken rule about the header is judged by the rules of the epoch that it names.
        const auto &evidence = std::get<trust::Evidence>(proof.bundle);
        if (const auto *invalid = std::get_if<trust::InvalidProof>(&evidence.proof)) {
            raise(invalid->change.header.epoch);
            for (const history::SignedHeader &parent : invalid->parents)
                if (const identity::Device *author = now.device(parent.header.device))
                    raise(author->writesSince);
        }
    }
    return std::min(epoch, now.epoch);
}

std::expected<EvidenceFile, FileFault> checkEvidenceFile(ByteView bytes,
                                                         const identity::SignatureScheme &scheme)
{
    if (bytes.size() > kEvidenceFileBytesMax)
        return fileFault(Code::E_BOUNDS, "The file is larger than any evidence.");
    Reader in(bytes);
    if (auto head = readHead(in, kHead, "evidence"); !head)
        return std::unexpected(std::move(head.error()));
    auto genesis = readFounding(in, scheme);
    if (!genesis)
        return std::unexpected(std::move(genesis.error()));
    auto configuration = replay(in, genesis->genesis.configuration(), scheme);
    if (!configuration)
        return std::unexpected(std::move(configuration.error()));
    const ByteView proofBytes = in.blob(kProofBytesMax);
    if (!in.done())
        return fileFault(Code::E_CANON,
                         "The file was cut short, or something stands behind its end.");
    auto proof = Proof::decode(proofBytes);
    if (!proof)
        return fileFault(proof.error(),
                         "The proof in the file is not in the one form that proofs have.");
    if (proof->seatEpoch().value_or(configuration->epoch) != configuration->epoch)
        return fileFault(Code::E_STRUCT,
                         "The file does not lead to epoch "
                             + std::to_string(proof->seatEpoch()->value)
                             + ", from which the proof comes.");
    trust::CheckedEvidence checked = check(*proof, *configuration, scheme);
    return EvidenceFile{std::move(*genesis), std::move(*configuration), std::move(*proof),
                        std::move(checked)};
}

} // namespace nlbd::consensus
