#include "core/consensus/evidence_file.h"

#include "core/base/codec.h"

namespace nlbd::consensus {

namespace {

constexpr std::string_view kHead = "nlbd-evidence2\n";
constexpr std::size_t kHeadCommon = 13; ///< "nlbd-evidence", before the number of the format
constexpr std::size_t kGenesisBytesMax = 128 * 1024;
constexpr std::size_t kDecisionBytesMax = 1024 * 1024; ///< as much as a row of the store holds

using Fault = std::unexpected<EvidenceFileFault>;

Fault fault(Code code, std::string sentence)
{
    return Fault({code, std::move(sentence)});
}

/// Replays the decisions; each is checked before the next is read.
std::expected<identity::Configuration, EvidenceFileFault>
replay(Reader &in, identity::Configuration now, const identity::SignatureScheme &scheme)
{
    const std::uint64_t count = in.varint(kFileDecisionsMax);
    const CertificateCheck isCertified = quorumCertificates(scheme);
    for (std::uint64_t i = 0; i < count; ++i) {
        const ByteView bytes = in.blob(kDecisionBytesMax);
        if (!in.ok())
            return fault(Code::E_CANON, "The file was cut short or altered.");
        const std::string which = "The decision that ended epoch " + std::to_string(i);
        const auto decision = Decision::decode(bytes);
        if (!decision)
            return fault(decision.error(), which + " was altered.");
        auto next = decision->value.epoch == now.epoch
            ? follow(now, *decision, scheme, isCertified)
            : std::expected<identity::Configuration, Code>(std::unexpected(Code::E_STRUCT));
        if (!next)
            return fault(next.error(),
                         next.error() == Code::E_SIG
                             ? which + " is not signed by a quorum of the members of that time."
                             : which + " does not follow from what was before it.");
        now = std::move(*next);
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

std::expected<EvidenceFile, EvidenceFileFault>
checkEvidenceFile(ByteView bytes, const identity::SignatureScheme &scheme)
{
    if (bytes.size() > kEvidenceFileBytesMax)
        return fault(Code::E_BOUNDS, "The file is larger than any evidence.");
    Reader in(bytes);
    const std::string_view head = viewOf(in.raw(std::min(kHead.size(), bytes.size())));
    if (head != kHead) {
        const bool isOther = head.substr(0, kHeadCommon) == kHead.substr(0, kHeadCommon);
        return fault(Code::E_CANON,
                     isOther ? "This evidence is in a form that this version does not read."
                             : "This is no evidence file.");
    }
    auto genesis = identity::SignedGenesis::decode(in.blob(kGenesisBytesMax));
    if (!in.ok() || !genesis)
        return fault(in.ok() ? genesis.error() : Code::E_CANON,
                     "The founding record in the file was cut short or altered.");
    if (const auto verified = genesis->verify(scheme); !verified)
        return fault(verified.error(),
                     "The founding record in the file is not signed by all its founders.");
    auto configuration = replay(in, genesis->genesis.configuration(), scheme);
    if (!configuration)
        return std::unexpected(std::move(configuration.error()));
    const ByteView proofBytes = in.blob(kProofBytesMax);
    if (!in.done())
        return fault(Code::E_CANON, "The file was cut short, or something stands behind its end.");
    auto proof = Proof::decode(proofBytes);
    if (!proof)
        return fault(proof.error(),
                     "The proof in the file is not in the one form that proofs have.");
    if (proof->seatEpoch().value_or(configuration->epoch) != configuration->epoch)
        return fault(Code::E_STRUCT,
                     "The file does not lead to epoch " + std::to_string(proof->seatEpoch()->value)
                         + ", from which the proof comes.");
    trust::CheckedEvidence checked = check(*proof, *configuration, scheme);
    return EvidenceFile{std::move(*genesis), std::move(*configuration), std::move(*proof),
                        std::move(checked)};
}

} // namespace nlbd::consensus
