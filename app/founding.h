#pragma once

#include "app/lobby_frames.h"
#include "app/profile.h"
#include "core/api/lobby.h"
#include "core/keys/sealing.h"

#include <set>
#include <utility>

namespace nlbd::app {

/// What the desk asks for, to be done in order. A Keep that fails cancels everything behind it.
struct SendTo {
    PublicKey device; ///< dropped if there is no session: it is said again
    LobbyFrame frame;
};
struct Keep {
    Hash draft;
    Bytes bytes; ///< for Profile::keepFounding; given back to restore() at the next start
};
struct Drop {
    Hash draft;
};
/// All have signed: store record and key, open the workspace, then call founded(). Asked again
/// until then.
struct Found {
    identity::SignedGenesis genesis;
    keys::WorkspaceKey key;
    Hints hints;
};
struct Reach {
    Hints hints; ///< addresses at which founders can be dialled
};
struct Tell {
    api::FoundingInfo info;
};
/// Somebody broke the rules: nothing was taken from the frame.
struct Offence {
    PublicKey device;
    Code code = Code::E_CANON;
};
using FoundingStep = std::variant<SendTo, Keep, Drop, Found, Reach, Tell, Offence>;

/// How people found a workspace together (PRODUCT J2, J3), as a state machine: no sockets, files or
/// clock. One of them asks; each sees who would stand in the record and accepts or not; when all
/// have signed, the record is sealed and everybody opens it. Who asked is written nowhere: from
/// then on all are equal, and each of them repeats the seal to whoever was not seen inside yet.
///
/// A founder is shown nothing that was not checked: his own line is his, every certificate holds,
/// the key offer opens and gives every other founder the same key.
class FoundingDesk {
public:
    FoundingDesk(const Self &self, const identity::SignatureScheme &scheme, Random &random);

    /// Takes up what Keep gave, once, before anything else.
    void restore(const std::map<Hash, Bytes> &kept);

    /// Asks these people; nobody: founds at once. Names and keys are valid.
    /// Errors: E_KEY_OFFER if a device key is unusable, E_BOUNDS if they are too many, E_CANON if
    /// somebody is named twice.
    [[nodiscard]] std::expected<Hash, Code> begin(std::string_view name,
                                                  const std::vector<Contact> &others);

    /// My answer to somebody's draft. Unknown drafts are ignored.
    void answer(const Hash &draft, bool accepts);
    void withdraw(const Hash &draft);

    /// A lobby frame of kinds Offer to Withdraw came from this device.
    void take(const PublicKey &from, const LobbyFrame &frame);

    /// A session with the device stands: it hears again what it may have missed.
    void up(const PublicKey &device);
    /// Dialling failed; shown until it answers.
    void unreachable(const PublicKey &device);
    /// The device proved that it holds the workspace.
    void seen(const WorkspaceId &workspace, const PublicKey &device);
    /// The workspace is open here: seals of it say nothing new.
    void know(const WorkspaceId &workspace) { m_known.insert(workspace); }
    /// The workspace asked for by Found is stored and open.
    void founded(const WorkspaceId &workspace);

    /// Says again what waits for an answer. Call every few seconds.
    void repeat();

    [[nodiscard]] std::vector<FoundingStep> takeSteps() { return std::exchange(m_steps, {}); }

    /// All foundings that are shown, for a new receiver of events.
    [[nodiscard]] std::vector<api::FoundingInfo> present() const;

    /// Somebody waits for frames from this device, or owes it some.
    [[nodiscard]] bool expects(const PublicKey &device) const;
    [[nodiscard]] bool isEmpty() const noexcept { return m_drafts.empty(); }

    static constexpr std::size_t kPendingPerDevice = 2; ///< unanswered drafts of one asker
    static constexpr std::size_t kPendingMax = 16; ///< of all: more than a person wants to be shown
    static constexpr std::size_t kDoneMax = 32;    ///< declined and withdrawn ones, to answer again

private:
    enum class Stage : std::uint8_t {
        Asking = 1,  ///< mine: waits for answers; another's: waits for me, or for the seal
        Sealing = 2, ///< all have signed: waits for founded()
        Sealed = 3,  ///< open here: repeated to founders not yet seen inside
        Declined = 4,
        Withdrawn = 5,
    };
    struct Draft {
        Stage stage = Stage::Asking;
        bool isMine = false;
        PublicKey asker; ///< device
        identity::Genesis genesis;
        Bytes keyOffer;
        Hints hints;
        std::vector<api::FoundingInfo::Answer> answers; ///< by founder
        std::vector<Signature> signatures;              ///< by founder, zeros: none yet
        std::set<PublicKey> seen;                       ///< devices
    };

    void takeOffer(const PublicKey &from, const Offer &offer);
    void takeReply(const PublicKey &from, const Reply &reply);
    void takeSeal(const PublicKey &from, const Seal &seal);
    void takeWithdraw(const PublicKey &from, const Withdraw &withdraw);
    void say(const Hash &hash, const Draft &draft, const PublicKey &device);
    void sealIfComplete(const Hash &hash, Draft &draft);
    void keep(const Hash &hash, const Draft &draft);
    void tell(const Hash &hash, const Draft &draft);
    void finish(const Hash &hash, Draft &draft, Stage stage);
    void askToFound(const Draft &draft);
    void forgetOldest();
    [[nodiscard]] std::expected<void, Code> check(const identity::Genesis &genesis,
                                                  ByteView keyOffer, const PublicKey &from) const;
    [[nodiscard]] std::optional<std::size_t> placeOf(const Draft &draft,
                                                     const PublicKey &device) const;
    [[nodiscard]] api::FoundingInfo infoOf(const Hash &hash, const Draft &draft) const;
    [[nodiscard]] bool isSigned(const Hash &hash, const Draft &draft) const;
    [[nodiscard]] static Bytes encodeDraft(const Draft &draft);
    [[nodiscard]] static std::optional<Draft> decodeDraft(ByteView bytes);

    const Self &m_self;
    const identity::SignatureScheme &m_scheme;
    Random &m_random;
    std::map<Hash, Draft> m_drafts;
    std::vector<Hash> m_done; ///< oldest first
    std::set<WorkspaceId> m_known;
    std::vector<FoundingStep> m_steps;
};

} // namespace nlbd::app
