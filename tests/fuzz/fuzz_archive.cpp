// An archive whose signatures all count as good, so that what is behind them is reached: whatever
// comes out must go in again and come out the same, and a member takes it as a history.
#include "core/history/archive.h"
#include "tests/core/history/group.h"

#include <cstdlib>

using namespace nlbd;

namespace {

class AnySignature final : public identity::SignatureScheme {
public:
    /// A workspace is known by its founders' signatures, and the corpus is of one.
    [[nodiscard]] Signature sign(const identity::SecretKey &key, const Domain &domain,
                                 const WorkspaceId &workspace, const Hash &hash) const override
    {
        return identity::Ed25519().sign(key, domain, workspace, hash);
    }
    [[nodiscard]] bool verify(const PublicKey &, const Domain &, const WorkspaceId &, const Hash &,
                              const Signature &) const override
    {
        return true;
    }
};

const AnySignature kAny;

/// The corpus is of its workspace.
const test::Group &group()
{
    static const test::Group kGroup(3, kAny);
    return kGroup;
}

const keys::WorkspaceKey *keyOf(KeyEpoch epoch)
{
    return epoch == KeyEpoch(0) ? &group().key : nullptr;
}

auto decoded(ByteView bytes)
{
    return history::decodeArchive(bytes, group().configuration, kAny, keyOf);
}

/// What validation lets pass makes documents that are whole.
void take(const std::vector<history::ArchivedChange> &archived)
{
    test::Replica member(group(), 0);
    for (const history::ArchivedChange &it : archived)
        (void)member.receive(it.change);
    for (const auto &[doc, document] : member.documents) {
        document.checkInvariants();
        const auto all = [](ChangeHandle) { return true; };
        if (document.textAt(all) != document.text())
            std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto archived = decoded(std::as_bytes(std::span(data, size)));
    if (!archived)
        return 0;
    take(*archived);
    std::vector<history::UnverifiedChange> changes;
    for (const history::ArchivedChange &it : *archived) {
        if (it.change.hash != it.change.header.hash()
            || digest(domains::kPayload, it.change.payload) != it.change.header.payloadHash)
            std::abort();
        changes.push_back(it.change);
    }
    // One of the two for each input: packing takes most of the time.
    const auto signatures =
        size % 2 == 0 ? history::ArchiveSignatures::Tails : history::ArchiveSignatures::All;
    const auto bytes = history::encodeArchive(changes, group().configuration, keyOf, signatures);
    const auto again = bytes ? decoded(*bytes) : decltype(decoded({})){};
    if (!bytes || !again || again->size() != changes.size())
        std::abort();
    for (std::size_t i = 0; i < changes.size(); ++i) {
        history::UnverifiedChange original = changes[i];
        if (!(*again)[i].isSigned)
            original.signature = {};
        if ((*again)[i].change != original)
            std::abort();
    }
    return 0;
}
