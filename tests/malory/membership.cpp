#include "tests/malory/membership.h"

#include "core/consensus/decision_log.h"
#include "core/consensus/proof.h"
#include "core/store/sqlite_store.h"

#include <algorithm>

namespace nlbd::malory {

namespace {

identity::Configuration newestOf(const identity::SignedGenesis &genesis,
                                 const store::StoredWorkspace &stored, const PublicKey &device)
{
    const identity::Ed25519 scheme;
    consensus::DecisionLog log(genesis.genesis.configuration(), scheme,
                               consensus::quorumCertificates(scheme));
    identity::Configuration newest = log.now();
    for (const store::DecisionRow &row : stored.decisions) {
        const auto decision = consensus::Decision::decode(row.record);
        if (!decision || !log.append(*decision))
            break;
        const auto me = log.now().indexOf(device);
        if (log.now().keyEpoch != newest.keyEpoch || !me || !log.now().seatOf(*me))
            break;
        newest = log.now();
    }
    return newest;
}

} // namespace

net::WorkspaceTag Membership::tag() const
{
    net::WorkspaceTag tag{configuration.workspace, key.discoveryKey(), {}};
    for (const identity::Device &member : configuration.devices)
        tag.members.push_back(member.key);
    return tag;
}

std::optional<Membership> membershipOf(const app::Profile &profile)
{
    for (const WorkspaceId &id : profile.workspaces()) {
        auto store = store::SqliteStore::open(profile.workspaceFolder(id));
        if (!store)
            continue;
        const auto stored = (*store)->load();
        if (!stored)
            continue;
        const auto meta = [&stored](std::string_view key) -> const Bytes * {
            const auto row = std::ranges::find(stored->meta, key, &store::MetaRow::key);
            return row == stored->meta.end() ? nullptr : &row->value;
        };
        const Bytes *record = meta("genesis");
        const Bytes *key = meta("key.0");
        if (record == nullptr || key == nullptr || key->size() != 32)
            continue;
        const auto genesis = identity::SignedGenesis::decode(*record);
        if (genesis)
            return Membership{newestOf(*genesis, *stored, profile.self()->device.publicKey()),
                              keys::WorkspaceKey::from(ByteView(*key).first<32>())};
    }
    return std::nullopt;
}

} // namespace nlbd::malory
