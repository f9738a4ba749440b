#pragma once

#include "core/api/command.h"
#include "core/api/event.h"
#include "core/base/alternative.h"
#include "core/blobs/blob_ref.h"
#include "core/blobs/piece_set.h"
#include "core/engine/boot_mark.h"
#include "core/identity/secret_key.h"
#include "core/store/store.h"

namespace nlbd::engine {

/// Names a Persist, so that what depends on it can wait. 0: depends on nothing.
using PersistToken = Strong<struct PersistTokenTag, std::uint64_t>;

// ---- What happens to the engine ---------------------------------------------------------------

/// A session with a member's device is up: its key was proven by the handshake.
struct PeerUp {
    PeerId peer;
    PublicKey device;
};
struct PeerDown {
    PeerId peer;
};
/// A frame of this workspace: kind and body as gossip/message.h has them, unchecked.
struct FrameIn {
    PeerId peer;
    std::uint8_t kind = 0;
    Bytes body;
};
/// The link to a peer lost queued frames: it needs a digest.
struct Overflowed {
    PeerId peer;
};
/// Send the whole present state to the view.
struct Subscribe {};
/// Nothing happened but time (the WakeAt of the last step has come, or earlier).
struct Tick {};
struct PersistFailed {
    PersistToken token;
    store::StoreError error;
};
struct Persisted {
    PersistToken token;
};
/// An edit made against an older state of the document: the text as of `seen` (places of changes,
/// which must be held) and this device's own chain. Becomes one signed change that names exactly
/// that past. What replaying a recorded session needs.
struct EditAsOf {
    DocIndex doc;
    std::vector<std::pair<DeviceIndex, Seq>> seen;
    TextPatches patches;
};

/// What the second place held of Engine::signer() at this start (PROTOCOL C13). Once, after load.
struct KeychainCounter {
    std::optional<BootMark> mark; ///< nothing: there is none
    bool isReadable = true;       ///< false: the place cannot be used at all
    bool canAsk = true;           ///< false: this program runs without a network
};
/// The answer to KeepCounter.
struct CounterKept {
    BootMark mark;
    bool isKept = true;
};
/// Goes on in this folder with a device key of its own, because the old one may not be used here.
/// `proposal`: a consensus::Proposal that asks for it, signed with the identity key; empty where
/// somebody else asks, who has that key.
struct ContinueAs {
    identity::SecretKey device;
    Bytes proposal;
};
/// A consensus::Proposal that was signed outside, with the identity key.
struct ProposalSigned {
    Bytes proposal;
};

/// What the disk holds of attachments, at the start. Whatever is not whole is wanted.
struct BlobsStored {
    struct Blob {
        Hash root;
        std::uint64_t size = 0;
        blobs::PieceSet held;
    };
    std::vector<Blob> blobs;
};
/// A file was sealed and is on the disk, whole and durable: a document is to name it.
struct BlobSealed {
    DocIndex doc;
    blobs::BlobRef ref;
};
/// The answer to ReadPiece. No bytes: it cannot be read, and counts as missing.
struct PieceRead {
    PeerId peer;
    Hash root;
    std::uint32_t piece = 0;
    Bytes proved;
};
/// The answer to KeepPiece.
struct PieceKept {
    Hash root;
    std::uint32_t piece = 0;
    bool isKept = true; ///< false: the disk refuses
};
/// Pieces that the disk holds turned out to be damaged, when somebody read them.
struct PiecesLost {
    Hash root;
    std::vector<std::uint32_t> pieces;
};
/// The answer to ReadBack.
struct RowsRead {
    std::vector<Hash> asked;
    std::vector<store::ChangeRow> rows;     ///< those that are there and pass their check
    std::optional<store::StoreError> error; ///< it could not be tried: nothing is known
};

/// One of what happens to the engine. Not copied: some of it owns keys.
class Event : public std::variant<Tick, PeerUp, PeerDown, FrameIn, Overflowed, api::Command,
                                  Subscribe, Persisted, PersistFailed, EditAsOf, KeychainCounter,
                                  CounterKept, ContinueAs, ProposalSigned, BlobsStored, BlobSealed,
                                  PieceRead, PieceKept, PiecesLost, RowsRead> {
public:
    template <AlternativeOf<variant> T>
    Event(T &&value)
        : variant(std::in_place_type<std::remove_cvref_t<T>>, std::forward<T>(value))
    {
    }
    Event(Event &&other) noexcept;
    Event &operator=(Event &&other) noexcept;
    ~Event();
};

// ---- What the engine asks for, in order --------------------------------------------------------

/// Bytes for a peer. If `after` is set they must not leave before that Persist is durable.
struct Send {
    PeerId peer;
    std::uint8_t kind = 0;
    Bytes body;
    bool isBulk = false; ///< yields to everything that is not
    PersistToken after;
};
/// Rows for the store, in the order of tokens. Answered by Persisted or PersistFailed; the shell
/// retries a failed one until it succeeds and keeps everything behind it waiting.
struct Persist {
    PersistToken token;
    store::Rows rows;
    store::Sync sync = store::Sync::Lazy;
};
struct Notify {
    api::Event event;
};
/// Step again with Tick no later than this; the last WakeAt of a step counts.
struct WakeAt {
    MonoTime when;
};
/// The peer broke a rule: end the session. It may come back after `pause`.
struct Disconnect {
    PeerId peer;
    Code code = Code::E_CANON;
    Millis pause{0};
};

/// A member that there is no session with is to be compared with: to be dialled now, wherever it
/// was met last. If it comes, PeerUp tells; nothing else is answered.
struct Reach {
    PublicKey device;
};

/// To be written to the second place once `after` is durable; answered by CounterKept.
struct KeepCounter {
    BootMark mark;
    PersistToken after;
};

/// What the disk holds of these changes is to be read, after everything that was to be written.
/// Answered by RowsRead, or not at all.
struct ReadBack {
    std::vector<Hash> changes;
};

// ---- attachments: bytes that no step holds on to ------------------------------------------------

/// A piece that a peer asked for; answered by PieceRead.
struct ReadPiece {
    PeerId peer;
    Hash root;
    std::uint64_t size = 0;
    std::uint32_t piece = 0;
};
/// A piece that was tried against its root; answered by PieceKept.
struct KeepPiece {
    Hash root;
    std::uint64_t size = 0;
    std::uint32_t piece = 0;
    Bytes proved;
    bool isLast = false; ///< with it the blob is whole: what came before is to be durable first
};
/// A blob is wanted: so that this is known after the next start.
struct BeginBlob {
    Hash root;
    std::uint64_t size = 0;
};
/// What is here of it is not wanted any more, and goes.
struct DropBlob {
    Hash root;
};

/// One of what the engine asks for.
class Action : public std::variant<Send, Persist, Notify, WakeAt, Disconnect, KeepCounter, Reach,
                                   ReadBack, ReadPiece, KeepPiece, BeginBlob, DropBlob> {
public:
    template <AlternativeOf<variant> T>
    Action(T &&value)
        : variant(std::in_place_type<std::remove_cvref_t<T>>, std::forward<T>(value))
    {
    }
    Action(const Action &other);
    Action(Action &&other) noexcept;
    Action &operator=(const Action &other);
    Action &operator=(Action &&other) noexcept;
    ~Action();
};
using Actions = std::vector<Action>;

} // namespace nlbd::engine
