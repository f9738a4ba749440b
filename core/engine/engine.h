#pragma once

#include "core/engine/io.h"
#include "core/history/causal_graph.h"
#include "core/identity/genesis.h"
#include "core/keys/payload_cipher.h"

namespace nlbd::engine {

/// The decision that an invitation names: what others tell of earlier ones must lead to it.
struct Anchor {
    Epoch epoch;   ///< the epoch that it began
    Hash decision; ///< for epoch 0 the genesis hash
    friend bool operator==(const Anchor &, const Anchor &) = default;
};

/// Whether boot marks guard against copied folders (PROTOCOL C13). Off only where no disk outlives
/// the engine; On waits for KeychainCounter before it signs anything.
enum class BootGuard : std::uint8_t { Off, On };

/// What an engine is born with. `scheme` and `random` outlive it.
struct EngineConfig {
    identity::SignedGenesis genesis; ///< verified by the caller
    identity::SecretKey device;      ///< mine: of a founder, or of somebody admitted later
    /// Of key epoch 0, matching the genesis record's commitment; nothing: a newcomer gets it.
    std::optional<keys::WorkspaceKey> key;
    const identity::SignatureScheme &scheme;
    Random &random;
    BootGuard guard = BootGuard::Off;
    std::optional<Anchor> anchor = std::nullopt; ///< a newcomer's
    /// This seat wants a checkpoint after so many changes; nothing: as the policy says. Only makes
    /// it ask and approve, so that seats may differ.
    std::optional<std::uint32_t> checkpointEvery = std::nullopt;
    Millis dayLength = std::chrono::hours(24); ///< shorter in tests, see caretaker.h
};

/// What tests and the command line ask an engine; all read-only and of the moment.
struct Snapshot {
    struct DocumentText {
        DocIndex doc;
        std::string title;
        std::string text;
        friend bool operator==(const DocumentText &, const DocumentText &) = default;
    };
    std::vector<DocumentText> documents; ///< by index
    std::size_t changes = 0;             ///< held
    std::size_t ratified = 0;
    std::size_t orphans = 0;
    Hash frontierRoot; ///< over every chain head: equal sets have equal roots
};

/// One workspace as a state machine: the same object code in the app and in the simulator. No
/// threads, clocks, sockets or files; every call returns at once.
class Engine {
public:
    explicit Engine(EngineConfig config);
    ~Engine();
    Engine(Engine &&) noexcept;

    /// Takes up what was stored, once, before the first step. Records that fail validation are left
    /// out and reported (they can be fetched again).
    /// Own changes that only the journal holds are restored from it.
    Actions load(const store::StoredWorkspace &stored, Now now);

    Actions step(Event event, Now now);

    // ---- read-only, for the shell, the command line and tests ----
    [[nodiscard]] const identity::Configuration &configuration() const;
    /// By the newest decision that is known: ahead of configuration() while changes are missing.
    [[nodiscard]] const identity::Configuration &knownConfiguration() const;
    /// My own row; nothing: no decision that is known here admitted me.
    [[nodiscard]] const identity::Device *myDevice() const;
    [[nodiscard]] DeviceIndex me() const;
    [[nodiscard]] Snapshot snapshot() const;
    /// What a snapshot says of one document, and of all records.
    [[nodiscard]] std::optional<Snapshot::DocumentText> document(DocIndex doc) const;
    [[nodiscard]] Hash frontierRoot() const;
    [[nodiscard]] const history::CausalGraph &graph() const;
    [[nodiscard]] bool isRatified(ChangeHandle change) const;
    /// How many changes that are held here this seat has not signed for, as far as is known here.
    [[nodiscard]] std::uint64_t behind(SeatIndex seat) const;
    /// Whether this folder may sign for its device. Starting: not known yet, what is typed waits.
    /// Copy: never again with this key; `Event ContinueAs` goes on with another.
    enum class Standing : std::uint8_t { Starting, Ready, Copy };
    [[nodiscard]] Standing standing() const;
    /// The device key whose boot marks count here: the second place is read under it.
    [[nodiscard]] PublicKey signer() const;
    /// What is sealed to this device can't be opened: its folder lacks the secret (care_keys.h).
    [[nodiscard]] bool lacksKeySecret() const;
    /// Text that waits for its signature is there.
    [[nodiscard]] bool hasDrafts() const;
    /// Letters that were typed here are in a document and not signed yet.
    [[nodiscard]] bool hasOpenChange() const;
    /// Changes that wait for others.
    [[nodiscard]] std::size_t orphans() const;
    /// Every edit is refused, because own changes of the journal wait for what they stand on.
    [[nodiscard]] bool isBehindJournal() const;
    [[nodiscard]] std::optional<std::string> text(DocIndex doc) const;
    /// Documents by title; the lowest index if several share it.
    [[nodiscard]] std::optional<DocIndex> findDocument(std::string_view title) const;
    /// All documents of that title, by number.
    [[nodiscard]] std::vector<DocIndex> documentsNamed(std::string_view title) const;
    /// All that ever were, by number.
    [[nodiscard]] std::vector<api::DeviceInfo> devices() const;
    [[nodiscard]] std::vector<api::Refusal> refusals() const;
    [[nodiscard]] std::vector<api::EvidenceInfo> evidence() const;
    [[nodiscard]] std::vector<api::RejectedInfo> rejected() const;
    [[nodiscard]] Millis newsSpread() const;        ///< see Spread
    [[nodiscard]] std::uint64_t ownChanges() const; ///< of this device: the number of its last one
    /// All, by document and name.
    [[nodiscard]] std::vector<api::AttachmentInfo> attachments() const;
    /// As that document says; nothing if it does not name it.
    [[nodiscard]] std::optional<blobs::BlobRef> attachment(DocIndex doc, const Hash &blob) const;
    [[nodiscard]] bool isAttachmentHere(const Hash &blob) const; ///< all of it
    /// As documents name them, those that are here as a whole: each once.
    [[nodiscard]] std::vector<blobs::BlobRef> attachmentsHere() const;
    /// What is on the disk and no document names any more, and since when. It goes by and by.
    [[nodiscard]] std::vector<std::pair<Hash, WallTime>> attachmentsLeaving() const;
    /// Bytes of pieces that others sent since the start, wrong ones included.
    [[nodiscard]] std::uint64_t attachmentBytesFetched() const;
    [[nodiscard]] api::DecisionsChanged decisions() const;
    /// The decision that closed an epoch as a file that anyone can check alone
    /// (core/consensus/decision_file.h); nothing if none is known here.
    [[nodiscard]] std::optional<Bytes> decisionFile(Epoch closed) const;
    /// How many seats there would be with this decided.
    [[nodiscard]] std::size_t seatsAfter(const api::Wish &wish) const;
    /// Where a document was taken from, if it says so (api::CreateDocument::origin).
    [[nodiscard]] std::string origin(DocIndex doc) const;
    /// To the newest Propose or Vote.
    [[nodiscard]] api::ProposalAnswered lastAnswer() const;

    struct BlameRun {
        TextOffset from = 0;
        TextOffset length = 0;
        ChangeHandle change; ///< graph().nextHandle(): typed here and not signed yet
        DeviceIndex author;
        std::string quoted = {}; ///< whose words these are, as the author says; empty: the author's
    };
    [[nodiscard]] std::vector<BlameRun> blame(DocIndex doc) const;

    /// All that is held and signed as an archive (core/history/ARCHIVE.md), and what one is worth.
    [[nodiscard]] std::expected<Bytes, Code> archive() const;
    /// The snapshot of the newest decided checkpoint (core/history/CHECKPOINT.md); nothing if none
    /// was decided, or what is here is not what was decided.
    [[nodiscard]] std::optional<Bytes> checkpoint() const;
    /// Changes that the disk holds in packs, and not as single rows any more.
    [[nodiscard]] std::size_t packed() const;
    /// Changes that are here without their signatures, by a checkpoint.
    [[nodiscard]] std::size_t decidedForms() const;
    struct ArchiveCheck {
        std::size_t changes = 0; ///< in it, each as its device signed it
        std::size_t unknown = 0; ///< of these not held here
    };
    [[nodiscard]] std::expected<ArchiveCheck, Code> check(ByteView archive) const;

    /// Digest of everything visible and held: equal runs of a simulation have equal traces.
    [[nodiscard]] Hash traceHash() const;

    /// The parts of an engine, for its own sources.
    struct State;

private:
    void restoreRow(const Bytes &record);

    std::unique_ptr<State> m_state;
};

} // namespace nlbd::engine
