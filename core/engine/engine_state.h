#pragma once

#include "core/crdt/document.h"
#include "core/engine/engine.h"
#include "core/engine/outbox.h"
#include "core/engine/suggestion_book.h"
#include "core/history/validation.h"
#include "core/trust/sign_journal.h"

#include <set>

namespace nlbd::engine {

class AgreedTimes;
class Apart;
class Archivist;
class Scrubber;
class Arrival;
class Attestor;
class Author;
class Authors;
class Blobs;
class Board;
class CareKeys;
class Checkpoints;
class Caretaker;
class Comments;
class Council;
class Drafts;
class Epochs;
class EvidenceBook;
class Exchange;
class Farewell;
class Intake;
class KeyDesk;
class Landing;
class PastBook;
class PastEditor;
class PresenceBook;
class SelfGuard;
class Suggestions;
class Views;

/// A document in memory and what the engine knows of it besides its text.
struct OpenDocument {
    explicit OpenDocument(const crdt::ChangeOrder &order)
        : document(order)
    {
    }

    crdt::Document document;
    WallTime changed{};
    ChangeHandle created; ///< its creator's first change: what whoever writes here must have seen
    std::set<ChangeHandle> unratified; ///< changes of this document that lack a quorum
    SuggestionBook suggested;
};

/// What the parts of an engine share. Stays where it is: the validator and the parts refer to it.
struct Engine::State {
    explicit State(EngineConfig engineConfig);
    ~State();

    EngineConfig config;
    /// Rows are counted up to here and not further: no device bears it.
    static constexpr DeviceIndex kNobody{UINT16_MAX};
    identity::Configuration configuration;
    DeviceIndex me = kNobody; ///< a newcomer's comes with the decision that admits it
    std::optional<SeatIndex> mySeat;
    Now now;
    Outbox out;

    history::CausalGraph graph;
    crdt::Document blank{graph}; ///< what a creating change is checked against
    history::Validator validator;
    /// By handle - 1: the full form, which is served to others, or what a checkpoint left of it.
    std::vector<Bytes> records;
    std::vector<bool> isSignatureChecked; ///< by handle - 1, see history::Change
    std::vector<bool> isPacked;           ///< by handle - 1: on the disk it lies in a pack
    std::set<ChangeHandle> covered;       ///< those whose records have a cover
    std::map<DocIndex, OpenDocument> documents;
    trust::SignJournal journal;
    std::set<DeviceIndex> disputed;                 ///< devices with a proven fork
    std::map<KeyEpoch, keys::WorkspaceKey> keyring; ///< beside config.key
    PersistToken lastChangePersist;

    std::unique_ptr<EvidenceBook> evidence;
    std::unique_ptr<SelfGuard> guard;
    std::unique_ptr<Drafts> drafts;
    std::unique_ptr<Epochs> epochs;
    std::unique_ptr<Attestor> attestor;
    std::unique_ptr<Views> views;
    std::unique_ptr<Author> author;
    std::unique_ptr<Authors> authors;
    std::unique_ptr<Exchange> exchange;
    std::unique_ptr<Intake> intake;
    std::unique_ptr<PastEditor> pastEditor;
    std::unique_ptr<PresenceBook> presence;
    std::unique_ptr<Board> board;
    std::unique_ptr<Comments> comments;
    std::unique_ptr<Council> council;
    std::unique_ptr<Caretaker> caretaker;
    std::unique_ptr<CareKeys> careKeys;
    std::unique_ptr<KeyDesk> keyDesk;
    std::unique_ptr<Arrival> arrival;
    std::unique_ptr<Farewell> farewell;
    std::unique_ptr<Checkpoints> checkpoints;
    std::unique_ptr<Landing> landing;
    std::unique_ptr<Archivist> archivist;
    std::unique_ptr<Blobs> blobs;
    std::unique_ptr<Scrubber> scrubber;
    std::unique_ptr<Suggestions> suggestions;

    [[nodiscard]] std::size_t seatCount() const { return configuration.seats.size(); }
    [[nodiscard]] bool isAlone() const { return seatCount() == 1; }
    [[nodiscard]] OpenDocument &document(DocIndex doc);
    /// Mine, by the newest decision that is known: what is written after it is void everywhere.
    [[nodiscard]] bool hasPen() const;
    /// I am no member any more; `configuration` may never get there.
    [[nodiscard]] bool wasLetGo() const;
    /// It forked, and no decision has settled yet which of its branches stay.
    [[nodiscard]] bool isDisputed(DeviceIndex device) const
    {
        return disputed.contains(device) && !isClosedDevice(device);
    }
    [[nodiscard]] bool mayWriteNow(DeviceIndex device) const
    {
        const identity::Device *known = configuration.device(device);
        return known != nullptr && known->mayWrite;
    }
    /// Its right to write has ended: beyond its closing heads only ghosts come.
    [[nodiscard]] bool isClosedDevice(DeviceIndex device) const
    {
        const identity::Device *known = configuration.device(device);
        return known != nullptr && known->penEnd.has_value();
    }
    /// By the newest decision that is known. Its tables hold all rows that any epoch has had.
    [[nodiscard]] const identity::Configuration &known() const;
    /// Looks for my row, which comes with the decision that admits me and then stays.
    void findMe(const identity::Configuration &tables);
    [[nodiscard]] const keys::WorkspaceKey *keyOf(KeyEpoch epoch) const;
    void loadKey(const store::MetaRow &row); ///< "key.N"; other rows are not its business
    [[nodiscard]] bool isRatified(ChangeHandle change) const;
    /// A checkpoint vouches for it: its signature is not here any more, or never was.
    [[nodiscard]] bool isDecidedForm(ChangeHandle change) const;
    [[nodiscard]] history::ChangeHeader headerOf(ChangeHandle change) const;
    /// In the clear; nothing without the key.
    [[nodiscard]] std::optional<Bytes> contentOf(ChangeHandle change) const;
    [[nodiscard]] std::optional<crdt::Ops> opsOf(ChangeHandle change) const;
    /// Precondition: it is no decided form.
    [[nodiscard]] history::UnverifiedChange recordOf(ChangeHandle change) const;
    /// Nothing if its signature is not here.
    [[nodiscard]] std::optional<history::SignedHeader> signedHeaderOf(ChangeHandle change) const;

    /// Takes a validated change into graph, document, views, trust and store; returns what its
    /// bytes have to wait for. The one path by which a change takes effect. `isApplied`: its ops
    /// took effect as they were typed.
    PersistToken take(const history::Change &change, bool isApplied, store::Rows with = {},
                      store::Sync sync = store::Sync::Lazy);
    /// Keeps with a change what makes up for its own signature.
    void cover(ChangeHandle change, std::vector<history::SignedHeader> links);
    bool isLoading = false;

    std::unique_ptr<PastBook> pastBook;
    std::unique_ptr<Apart> apart;
    std::unique_ptr<AgreedTimes> agreedTimes;
};

} // namespace nlbd::engine
