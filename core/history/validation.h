#pragma once

#include "core/crdt/document.h"
#include "core/history/causal_graph.h"
#include "core/history/change_codec.h"
#include "core/identity/configuration.h"
#include "core/identity/signature_scheme.h"
#include "core/keys/payload_cipher.h"

namespace nlbd::history {

/// What happened to a record: PROTOCOL C4's last column.
struct Refused {
    enum class Kind : std::uint8_t {
        Duplicate,    ///< known already
        NeedsParents, ///< buffer it and pull `missing`
        NeedsEpoch,   ///< names an epoch that is not decided here yet
        Fork,         ///< signature holds, another change stands at its place: `other`
        Ignore,       ///< no blame, may become valid
        Reject,       ///< invalid for everybody, for ever; the peer that brought it is at fault
        Invalid,      ///< well signed and against a rule: its author is at fault, evidence
        Refetch,      ///< the payload is not the signed one: ask another peer
    };
    Kind kind = Kind::Reject;
    Code code = Code::E_CANON;
    std::string rule;              ///< the check that failed, in a sentence for people
    std::vector<DepRef> missing{}; ///< parents that are not held, prev among them
    ChangeHandle other{};          ///< the change that stands at the same place
};

/// Finds the document a change speaks of; a new empty one for its creating change.
using DocumentLookup = std::function<const crdt::Document *(DocIndex)>;
/// Key of a key epoch, or nullptr.
using KeyLookup = std::function<const keys::WorkspaceKey *(KeyEpoch)>;

/// Whether the signature of the change itself must be tried, or a verified later change of its run
/// vouches for it by hash (PROTOCOL C3, run verification), or isSigned() found it good before.
enum class SignatureNeed : std::uint8_t { Check, Covered, Tried };

/// Steps 3 to 11 of PROTOCOL C4, in that order, with those codes. Pure: the verdict depends on the
/// change, its causal past and the key, on nothing else; BUFFERED states come from what is not
/// held. An open local change uses graph.nextHandle() as well: it is signed and added before
/// anything is validated.
class Validator {
public:
    Validator(const identity::Configuration &configuration, const CausalGraph &graph,
              const identity::SignatureScheme &scheme, KeyLookup key, DocumentLookup document);

    [[nodiscard]] std::expected<Change, Refused>
    validate(UnverifiedChange change, SignatureNeed need = SignatureNeed::Check) const;

    /// The same for a change that honest work stands on: a second branch of its device is judged
    /// like any other instead of answered with Fork (PROTOCOL C6, 2), and a void change may come,
    /// to be kept as a ghost (C15).
    [[nodiscard]] std::expected<Change, Refused>
    validateWanted(UnverifiedChange change, SignatureNeed need = SignatureNeed::Check) const;

    /// For a change of a decided checkpoint, whose root was checked before or is checked before
    /// anything of it is shown: a quorum vouches for its author, its role, its key. What would make
    /// the graph or the document contradict itself is refused all the same. Error: E_STRUCT (also
    /// where a parent is missing), E_NOT_MEMBER, DUPLICATE and those of ops.
    [[nodiscard]] std::expected<Change, Code> decided(const DecidedChange &change) const;

    /// Step 6 alone: for fork candidates, evidence and background checks.
    [[nodiscard]] bool isSigned(const UnverifiedChange &change) const;

    /// Makes my own change from ops that took effect already: fills prev, deps, lamport, seals the
    /// payload, signs. `graph.nextHandle()` is its handle. `seen` may name more than the heads:
    /// what is implied is left out. An empty `ops` makes a change that only merges. Preconditions:
    /// the ops fit one change; graph.reduce(prev, seen) has at most kDepsMax entries (a wider merge
    /// first takes empty changes that see sixteen heads each).
    [[nodiscard]] Change author(const identity::SecretKey &device, DeviceIndex me, ChangeKind kind,
                                DocIndex doc, const crdt::Ops &ops, ChangeHandle prev,
                                const std::vector<ChangeHandle> &seen, WallTime wall) const;

    /// The ops of a change that the graph holds, decoded again from its record. Nothing if the
    /// record is not the one that was added.
    [[nodiscard]] std::optional<crdt::Ops> opsOf(ChangeHandle held,
                                                 const UnverifiedChange &record) const;
    /// The same from what is in the clear.
    [[nodiscard]] std::optional<crdt::Ops> opsOf(ChangeHandle held, ByteView content) const;
    /// What a record says, in the clear; nothing without its key.
    [[nodiscard]] std::optional<Bytes> contentOf(const UnverifiedChange &record) const;

private:
    enum class Admission : std::uint8_t { News, Wanted };
    [[nodiscard]] std::expected<Change, Refused> judge(UnverifiedChange raw, SignatureNeed need,
                                                       Admission admission) const;

    const identity::Configuration &m_configuration;
    const CausalGraph &m_graph;
    const identity::SignatureScheme &m_scheme;
    KeyLookup m_key;
    DocumentLookup m_document;
};

} // namespace nlbd::history
