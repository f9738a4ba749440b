#pragma once

#include "core/history/change_codec.h"
#include "core/history/orphan_buffer.h"
#include "core/history/validation.h"
#include "core/identity/genesis.h"

#include <deque>

namespace nlbd::test {

/// Founders with their keys, sorted as the genesis record wants them.
struct Group {
    struct Person {
        identity::SecretKey identity;
        identity::SecretKey device;
    };

    explicit Group(std::size_t size, const identity::SignatureScheme &scheme_,
                   std::uint64_t seed = 1);

    [[nodiscard]] identity::SignedGenesis signedGenesis() const;

    const identity::SignatureScheme &scheme;
    std::vector<Person> people; ///< by DeviceIndex
    keys::WorkspaceKey key;
    identity::Genesis genesis;
    identity::Configuration configuration;
};

/// One honest computer: validates, adds, applies.
class Replica {
public:
    Replica(const Group &group, std::size_t me);
    Replica(const Replica &) = delete;
    Replica &operator=(const Replica &) = delete;

    history::CausalGraph graph;
    std::map<DocIndex, crdt::Document> documents;
    history::Validator validator;
    ChangeHandle head; ///< of my chain

    [[nodiscard]] DeviceIndex me() const { return m_me; }
    [[nodiscard]] DocIndex firstDocument() const { return history::docIndexOf(DeviceIndex(0), 1); }
    [[nodiscard]] crdt::Document &document(DocIndex doc);

    /// Makes, adds and returns a change; `seen` is every head unless given.
    history::Change setTitle(DocIndex doc, std::string_view title);
    history::Change insert(DocIndex doc, TextOffset at, std::string_view text);
    history::Change erase(DocIndex doc, TextOffset at, TextOffset count);
    history::Change merge(DocIndex doc, const std::vector<ChangeHandle> &seen);

    std::expected<history::Change, history::Refused> receive(history::UnverifiedChange change);
    std::expected<history::Change, history::Refused>
    receiveBranch(history::UnverifiedChange change);

    [[nodiscard]] std::vector<ChangeHandle> heads() const
    {
        return {graph.heads().begin(), graph.heads().end()};
    }

private:
    history::Change publish(DocIndex doc, const crdt::Ops &ops,
                            const std::vector<ChangeHandle> &seen);
    void take(const history::Change &change);

    const Group &m_group;
    DeviceIndex m_me;
};

/// A change as its author could have made it with other facts: `alter` gets the header, then
/// everything that follows from it (payload hash excepted) is signed anew by the same device.
[[nodiscard]] history::UnverifiedChange resigned(const Group &group,
                                                 history::UnverifiedChange change);

/// The same with other content, sealed and hashed anew.
[[nodiscard]] history::UnverifiedChange
resealed(const Group &group, history::UnverifiedChange change, ByteView plaintext);

[[nodiscard]] Bytes contentOf(const Group &group, const history::UnverifiedChange &change);

} // namespace nlbd::test
