#include "core/consensus/chain_file.h"

#include "core/consensus/proof.h"

namespace nlbd::consensus {

namespace {

constexpr std::size_t kGenesisBytesMax = 128 * 1024;
constexpr std::size_t kDecisionBytesMax = 1024 * 1024; ///< as much as a row of the store holds
constexpr std::size_t kNumberBytes = 2;                ///< the form's number and the end of line

} // namespace

FileFailure fileFault(Code code, std::string sentence)
{
    return FileFailure({code, std::move(sentence)});
}

std::expected<void, FileFault> readHead(Reader &in, std::string_view head, std::string_view what)
{
    const std::string_view found = viewOf(in.raw(std::min(head.size(), in.left())));
    if (found == head)
        return {};
    const std::size_t common = head.size() - kNumberBytes;
    const bool isOther = found.substr(0, common) == head.substr(0, common);
    return fileFault(Code::E_CANON,
                     isOther ? "This " + std::string(what)
                             + " is in a form that this version does not read."
                             : "This is no " + std::string(what) + " file.");
}

std::expected<identity::SignedGenesis, FileFault>
readFounding(Reader &in, const identity::SignatureScheme &scheme)
{
    auto genesis = identity::SignedGenesis::decode(in.blob(kGenesisBytesMax));
    if (!in.ok() || !genesis)
        return fileFault(in.ok() ? genesis.error() : Code::E_CANON,
                         "The founding record in the file was cut short or altered.");
    if (const auto verified = genesis->verify(scheme); !verified)
        return fileFault(verified.error(),
                         "The founding record in the file is not signed by all its founders.");
    return std::move(*genesis);
}

std::uint64_t readDecisionCount(Reader &in)
{
    return in.varint(kFileDecisionsMax);
}

std::expected<FollowedDecision, FileFault> readDecision(Reader &in,
                                                        const identity::Configuration &now,
                                                        const identity::SignatureScheme &scheme)
{
    const ByteView bytes = in.blob(kDecisionBytesMax);
    if (!in.ok())
        return fileFault(Code::E_CANON, "The file was cut short or altered.");
    const std::string which = "The decision that ended epoch " + std::to_string(now.epoch.value);
    auto decision = Decision::decode(bytes);
    if (!decision)
        return fileFault(decision.error(), which + " was altered.");
    auto next = follow(now, *decision, scheme, quorumCertificates(scheme));
    if (!next)
        return fileFault(next.error(),
                         next.error() == Code::E_SIG
                             ? which + " is not signed by a quorum of the members of that time."
                             : which + " does not follow from what was before it.");
    return FollowedDecision{std::move(*decision), std::move(*next)};
}

} // namespace nlbd::consensus
