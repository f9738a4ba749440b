#pragma once

#include "core/base/time.h"
#include "core/identity/genesis.h"
#include "core/identity/secret_key.h"
#include "net/endpoint.h"

#include <filesystem>
#include <map>
#include <memory>

namespace nlbd::app {

/// Why a profile folder could not be used.
struct ProfileError {
    enum class Kind : std::uint8_t {
        InUse,    ///< another program runs with it
        ReadOnly, ///< the folder cannot be written
        Full,     ///< no space left
        Damaged,  ///< the identity file is not what was written; it is left as it is
        Failed,
    } kind = Kind::Failed;
    std::string detail; ///< the file, and what the system said
};

/// Who I am: the key that names me, the key of this computer, and the word of the one for the
/// other. A companion, which is another computer of a person, has the word and not the person's
/// key: in a thief's hand it stays a device that can be given up.
struct Self {
    std::string name;
    std::optional<identity::SecretKey> identity; ///< nothing on a companion
    identity::SecretKey device;
    Signature certificate; ///< by identity, for device
    PublicKey owner{};     ///< a companion's person

    [[nodiscard]] PublicKey person() const { return identity ? identity->publicKey() : owner; }
    [[nodiscard]] Self clone() const;
    [[nodiscard]] identity::Founder founder() const;
};

/// An invitation that was made here.
struct IssuedInvitation {
    Hash secret; ///< digest of the secret: the file gives nothing away
    WallTime expires;
    bool isUsed = false;
    std::optional<WorkspaceId> workspace = std::nullopt; ///< that it leads to
    PublicKey usedBy{};                                  ///< then: whose question it was
    /// Of its workspace, in which it is good. Nothing: `expires` alone ends it.
    std::optional<Epoch> lastEpoch = std::nullopt;
};

/// The folder of one person on one computer, readable by its owner only:
///
///     lock           held while a program runs with the profile
///     identity       0600: seeds of both keys, and the name; a companion's has its person's word
///                    in place of the person's seed
///     link           0600: seed of the device key of a computer that waits to be linked
///     settings       whether neighbours see me
///     addresses      where members were met last
///     invitations    digests of the secrets of invitations made here
///     arrivals/      invitations into workspaces that were not entered yet
///     pasts/         archives of workspaces that were founded anew, and what is to be taken over
///     foundings/     drafts that were accepted and not yet founded
///     workspaces/    one folder per workspace, see core/store
///     windows.ini    where windows and carets were, and the theme: see ui/settings.h
///     control        socket of the running program, see control_server.h
///     backing-up/, restoring/, restored/   for a moment: a backup, see restored_folder.h
///
/// Small files are written whole, to a new file that then takes the old one's name, so that a crash
/// leaves the one or the other.
class Profile {
public:
    /// --profile, or NLBD_PROFILE, or nlbd in XDG_DATA_HOME (~/.local/share).
    [[nodiscard]] static std::filesystem::path defaultFolder();

    /// Makes the folder if need be and locks it until the profile is destroyed.
    [[nodiscard]] static std::expected<Profile, ProfileError>
    open(const std::filesystem::path &folder);

    Profile(Profile &&) noexcept;
    Profile &operator=(Profile &&) noexcept;
    ~Profile();

    [[nodiscard]] const std::filesystem::path &folder() const noexcept { return m_folder; }
    [[nodiscard]] std::filesystem::path workspaceFolder(const WorkspaceId &id) const;
    [[nodiscard]] std::vector<WorkspaceId> workspaces() const;

    /// Nothing before the first start's name was given.
    [[nodiscard]] const Self *self() const noexcept { return m_self ? &*m_self : nullptr; }

    /// Creates the identity, or renames it. @pre isValidName(name)
    [[nodiscard]] std::expected<void, ProfileError> setName(std::string_view name, Random &random);

    /// The device key that this computer gets once it is linked: drawn at the first question.
    /// @pre self() is nothing
    [[nodiscard]] std::expected<identity::SecretKey, ProfileError> keyToLink(Random &random);
    /// Makes this folder that of a companion, with that key. @pre isCertified(...)
    [[nodiscard]] std::expected<void, ProfileError> becomeCompanion(std::string_view name,
                                                                    const PublicKey &person,
                                                                    const Signature &certificate,
                                                                    Random &random);

    /// Makes this folder the person's who has that key: an empty one with a device key of its own,
    /// or one of the person's companions, which goes on with the key it has. @pre isValidName(name)
    [[nodiscard]] std::expected<void, ProfileError>
    restore(std::string_view name, const identity::SecretKey &identity, Random &random);

    /// Takes up what was opened of a backup (restored_folder.h). @pre !self()
    [[nodiscard]] std::expected<void, ProfileError> adoptRestored();

    /// Meets others, and begins new workspaces, with this device key from now on. The certificate
    /// is for a companion: others make their own. @pre self()
    [[nodiscard]] std::expected<void, ProfileError> setDevice(const identity::SecretKey &device,
                                                              const Signature &certificate = {});

    [[nodiscard]] bool isVisible() const noexcept { return m_isVisible; }
    [[nodiscard]] std::expected<void, ProfileError> setVisible(bool isVisible);
    /// Whether the router is to be asked to pass our port on.
    [[nodiscard]] bool isPortMapped() const noexcept { return m_isPortMapped; }
    [[nodiscard]] std::expected<void, ProfileError> setPortMapped(bool isWanted);

    /// Where devices were met, newest first, a few per device.
    using Addresses = std::map<PublicKey, std::vector<net::Endpoint>>;
    static constexpr std::size_t kAddressesPerDevice = 4;
    [[nodiscard]] const Addresses &addresses() const noexcept { return m_addresses; }
    /// Puts the address in front; writes only if that changes something.
    [[nodiscard]] std::expected<void, ProfileError> rememberAddress(const PublicKey &device,
                                                                    const net::Endpoint &endpoint);

    static constexpr std::size_t kInvitationsMax = 100; ///< the oldest are forgotten
    [[nodiscard]] const std::vector<IssuedInvitation> &invitations() const noexcept
    {
        return m_invitations;
    }
    [[nodiscard]] std::expected<void, ProfileError>
    addInvitation(const IssuedInvitation &invitation);
    [[nodiscard]] std::expected<void, ProfileError> markUsed(const Hash &secret,
                                                             const PublicKey &by = {});

    /// Drafts by their hash: opaque bytes of founding_book.h.
    [[nodiscard]] std::map<Hash, Bytes> foundings() const;
    [[nodiscard]] std::expected<void, ProfileError> keepFounding(const Hash &draft, ByteView bytes);
    void dropFounding(const Hash &draft);

    /// Workspaces that I ask to be let into: the invitations.
    static constexpr std::size_t kArrivalsMax = 16;
    [[nodiscard]] std::map<WorkspaceId, Bytes> arrivals() const;
    [[nodiscard]] std::expected<void, ProfileError> keepArrival(const WorkspaceId &workspace,
                                                                ByteView bytes);
    void dropArrival(const WorkspaceId &workspace);

    /// Workspaces that begin with what another held, and have not taken it over yet (found_anew.h).
    [[nodiscard]] std::map<WorkspaceId, WorkspaceId> pasts() const;
    [[nodiscard]] std::expected<void, ProfileError> keepPast(const WorkspaceId &anew,
                                                             const WorkspaceId &past);
    void dropPast(const WorkspaceId &anew);
    /// An archive that was made for that, for its owner to read only; where it is.
    [[nodiscard]] std::expected<std::filesystem::path, ProfileError>
    keepArchive(const WorkspaceId &past, ByteView bytes);

private:
    Profile() = default;
    [[nodiscard]] std::expected<void, ProfileError> read();
    [[nodiscard]] std::expected<void, ProfileError> readIdentity();
    [[nodiscard]] std::expected<void, ProfileError> keep(Self self);
    void readAddresses();
    void readInvitations();
    [[nodiscard]] std::expected<void, ProfileError> writeSettings() const;
    [[nodiscard]] std::expected<void, ProfileError> writeAddresses() const;
    [[nodiscard]] std::expected<void, ProfileError> writeInvitations() const;

    std::filesystem::path m_folder;
    int m_lock = -1;
    std::optional<Self> m_self;
    bool m_isVisible = false;
    bool m_isPortMapped = false;
    Addresses m_addresses;
    std::vector<IssuedInvitation> m_invitations;
};

} // namespace nlbd::app
