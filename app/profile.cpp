#include "app/profile.h"

#include "app/base_folder.h"
#include "app/restored_folder.h"
#include "app/small_file.h"
#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/identity/name_rules.h"
#include "core/identity/recovery_words.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace nlbd::app {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIdentityMagic = "nlbd-identity1\n";
constexpr std::string_view kCompanionMagic = "nlbd-companion\n"; // as long
constexpr std::size_t kSmallFileMax = 256 * 1024;
constexpr Domain kFileCheck{"rt1.idfile"}; ///< a flipped bit in a seed would be another person

std::expected<void, ProfileError> makeFolder(const fs::path &folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return std::unexpected(systemError(error.value(), folder));
    fs::permissions(folder, fs::perms::owner_all,
                    error); // a foreign owner shows at the first write
    return {};
}

Bytes encodeIdentity(const Self &self)
{
    Writer out;
    out.raw(bytesOf(self.identity ? kIdentityMagic : kCompanionMagic));
    if (self.identity)
        out.raw(self.identity->seed().view());
    else
        out.fixedBytes(self.owner);
    out.raw(self.device.seed().view());
    if (!self.identity)
        out.fixedBytes(self.certificate);
    out.text(self.name);
    const Hash check = digest(kFileCheck, out.bytes());
    out.fixedBytes(check);
    return std::move(out).take();
}

std::optional<Self> decodeIdentity(ByteView bytes)
{
    if (bytes.size() < Hash::kSize)
        return std::nullopt;
    const ByteView content = bytes.first(bytes.size() - Hash::kSize);
    if (Hash::from(bytes.last(Hash::kSize)) != digest(kFileCheck, content))
        return std::nullopt;
    Reader in(content);
    const std::string_view magic = viewOf(in.raw(kIdentityMagic.size()));
    const ByteView person = in.raw(32);
    const ByteView deviceSeed = in.raw(32);
    const bool isCompanion = magic == kCompanionMagic;
    const auto certificate = isCompanion ? in.fixedBytes<Signature>() : Signature();
    const std::string_view name = in.text(limits::kNameBytesMax);
    if (!in.done() || (magic != kIdentityMagic && !isCompanion) || !identity::isValidName(name))
        return std::nullopt;
    Self self{std::string(name), std::nullopt,
              identity::SecretKey::fromSeed(deviceSeed.first<32>()), certificate};
    if (isCompanion) {
        self.owner = *PublicKey::from(person);
        return self;
    }
    self.identity = identity::SecretKey::fromSeed(person.first<32>());
    self.certificate = certifyDevice(identity::Ed25519{}, *self.identity, self.device.publicKey());
    return self;
}

} // namespace

identity::Founder Self::founder() const
{
    return {person(), name, device.publicKey(), certificate};
}

Self Self::clone() const
{
    return {name, identity ? std::optional(identity->clone()) : std::nullopt, device.clone(),
            certificate, owner};
}

fs::path Profile::defaultFolder()
{
    return baseFolder("NLBD_PROFILE", "XDG_DATA_HOME", ".local/share", "nlbd");
}

std::expected<Profile, ProfileError> Profile::open(const fs::path &folder)
{
    if (auto made = makeFolder(folder); !made)
        return std::unexpected(made.error());
    Profile result;
    result.m_folder = folder;
    const fs::path lock = folder / "lock";
    result.m_lock = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (result.m_lock < 0 || ::flock(result.m_lock, LOCK_EX | LOCK_NB) != 0)
        return std::unexpected(systemError(errno, folder));
    for (const char *part : {"workspaces", "foundings", "arrivals", "pasts"})
        if (auto made = makeFolder(folder / part); !made)
            return std::unexpected(made.error());
    if (auto done = tidyRestored(folder); !done)
        return std::unexpected(done.error());
    if (auto done = result.read(); !done)
        return std::unexpected(done.error());
    return result;
}

Profile::Profile(Profile &&other) noexcept
    : m_folder(std::move(other.m_folder))
    , m_lock(std::exchange(other.m_lock, -1))
    , m_self(std::move(other.m_self))
    , m_isVisible(other.m_isVisible)
    , m_isPortMapped(other.m_isPortMapped)
    , m_addresses(std::move(other.m_addresses))
    , m_invitations(std::move(other.m_invitations))
{
}

Profile &Profile::operator=(Profile &&other) noexcept
{
    std::swap(m_folder, other.m_folder);
    std::swap(m_lock, other.m_lock);
    std::swap(m_self, other.m_self);
    std::swap(m_isVisible, other.m_isVisible);
    std::swap(m_isPortMapped, other.m_isPortMapped);
    std::swap(m_addresses, other.m_addresses);
    std::swap(m_invitations, other.m_invitations);
    return *this;
}

Profile::~Profile()
{
    if (m_lock >= 0)
        ::close(m_lock);
}

fs::path Profile::workspaceFolder(const WorkspaceId &id) const
{
    return m_folder / "workspaces" / id.hex();
}

std::vector<WorkspaceId> Profile::workspaces() const
{
    std::vector<WorkspaceId> result;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(m_folder / "workspaces", error))
        if (const auto bytes = fromHex(entry.path().filename().string());
            bytes && entry.is_directory(error))
            if (const auto id = WorkspaceId::from(*bytes); id)
                result.push_back(*id);
    std::ranges::sort(result);
    return result;
}

std::expected<void, ProfileError> Profile::read()
{
    if (auto done = readIdentity(); !done)
        return done;
    const auto settings = readSmallFile(m_folder / "settings", kSmallFileMax);
    if (!settings)
        return std::unexpected(settings.error());
    const std::string_view lines = *settings ? viewOf(**settings) : std::string_view();
    m_isVisible = lines.find("visible 1\n") != std::string_view::npos;
    m_isPortMapped = lines.find("map-port 1\n") != std::string_view::npos;
    readAddresses();
    readInvitations();
    return {};
}

std::expected<void, ProfileError> Profile::readIdentity()
{
    const auto bytes = readSmallFile(m_folder / "identity", kSmallFileMax);
    if (!bytes)
        return std::unexpected(bytes.error());
    // With workspaces but without the key that they know, a new identity would be a stranger there.
    if (!*bytes && !workspaces().empty())
        return std::unexpected(
            ProfileError{ProfileError::Kind::Damaged, (m_folder / "identity").string()});
    if (!*bytes)
        return {};
    m_self = decodeIdentity(**bytes);
    if (!m_self)
        return std::unexpected(
            ProfileError{ProfileError::Kind::Damaged, (m_folder / "identity").string()});
    return {};
}

std::expected<void, ProfileError> Profile::keep(Self self)
{
    if (self.identity)
        self.certificate =
            certifyDevice(identity::Ed25519{}, *self.identity, self.device.publicKey());
    if (auto written = writeSmallFile(m_folder / "identity", encodeIdentity(self)); !written)
        return written;
    m_self = std::move(self);
    return {};
}

std::expected<void, ProfileError> Profile::setName(std::string_view name, Random &random)
{
    Self fresh = m_self
        ? m_self->clone()
        : Self{{}, identity::drawRecoverableKey(random), identity::SecretKey::generate(random), {}};
    fresh.name = name;
    return keep(std::move(fresh));
}

std::expected<void, ProfileError>
Profile::restore(std::string_view name, const identity::SecretKey &identity, Random &random)
{
    CHECK(!m_self || m_self->person() == identity.publicKey());
    return keep(Self{std::string(name),
                     identity.clone(),
                     m_self ? m_self->device.clone() : identity::SecretKey::generate(random),
                     {}});
}

std::expected<void, ProfileError> Profile::adoptRestored()
{
    CHECK(!m_self);
    const fs::path file = folderBeingRestored(m_folder) / "identity";
    const auto bytes = readSmallFile(file, kSmallFileMax);
    if (!bytes || !*bytes || !decodeIdentity(**bytes)) {
        std::error_code error;
        fs::remove_all(folderBeingRestored(m_folder), error);
        return std::unexpected(ProfileError{ProfileError::Kind::Damaged, file.string()});
    }
    if (auto done = settleRestored(m_folder); !done)
        return done;
    return read();
}

std::expected<void, ProfileError> Profile::setDevice(const identity::SecretKey &device,
                                                     const Signature &certificate)
{
    Self renewed = m_self->clone();
    renewed.device = device.clone();
    renewed.certificate = certificate;
    return keep(std::move(renewed));
}

std::expected<identity::SecretKey, ProfileError> Profile::keyToLink(Random &random)
{
    const fs::path file = m_folder / "link";
    const auto bytes = readSmallFile(file, kSmallFileMax);
    if (!bytes)
        return std::unexpected(bytes.error());
    if (*bytes && (*bytes)->size() == 32)
        return identity::SecretKey::fromSeed(ByteView(**bytes).first<32>());
    auto key = identity::SecretKey::generate(random);
    if (const auto written = writeSmallFile(file, key.seed().view()); !written)
        return std::unexpected(written.error());
    return key;
}

std::expected<void, ProfileError> Profile::becomeCompanion(std::string_view name,
                                                           const PublicKey &person,
                                                           const Signature &certificate,
                                                           Random &random)
{
    auto key = keyToLink(random);
    if (!key)
        return std::unexpected(key.error());
    const auto done =
        keep(Self{std::string(name), std::nullopt, std::move(*key), certificate, person});
    std::error_code error;
    if (done)
        fs::remove(m_folder / "link", error);
    return done;
}

std::expected<void, ProfileError> Profile::setVisible(bool isVisible)
{
    m_isVisible = isVisible;
    return writeSettings();
}

std::expected<void, ProfileError> Profile::setPortMapped(bool isWanted)
{
    m_isPortMapped = isWanted;
    return writeSettings();
}

std::expected<void, ProfileError> Profile::writeSettings() const
{
    const std::string lines = std::string(m_isVisible ? "visible 1\n" : "visible 0\n")
        + (m_isPortMapped ? "map-port 1\n" : "map-port 0\n");
    return writeSmallFile(m_folder / "settings", bytesOf(lines));
}

// ---- Addresses: hints; a damaged file is as good as none

void Profile::readAddresses()
{
    const auto bytes = readSmallFile(m_folder / "addresses", kSmallFileMax);
    if (!bytes || !*bytes)
        return;
    Reader in(**bytes);
    while (in.left() > 0 && in.ok()) {
        const auto device = in.fixedBytes<PublicKey>();
        const auto endpoint = net::parseEndpoint(in.text(300));
        if (!in.ok() || !endpoint)
            continue;
        std::vector<net::Endpoint> &known = m_addresses[device];
        if (known.size() < kAddressesPerDevice)
            known.push_back(*endpoint);
    }
}

std::expected<void, ProfileError> Profile::writeAddresses() const
{
    Writer out;
    for (const auto &[device, endpoints] : m_addresses)
        for (const net::Endpoint &endpoint : endpoints) {
            out.fixedBytes(device);
            out.text(endpoint.text());
        }
    return writeSmallFile(m_folder / "addresses", out.bytes());
}

std::expected<void, ProfileError> Profile::rememberAddress(const PublicKey &device,
                                                           const net::Endpoint &endpoint)
{
    constexpr std::size_t kDevicesMax =
        512; // members of all workspaces; more cannot be dialled at once
    auto found = m_addresses.find(device);
    if (found == m_addresses.end()) {
        if (m_addresses.size() >= kDevicesMax)
            return {};
        found = m_addresses.try_emplace(device).first;
    }
    std::vector<net::Endpoint> &known = found->second;
    if (!known.empty() && known.front() == endpoint)
        return {};
    std::erase(known, endpoint);
    known.insert(known.begin(), endpoint);
    if (known.size() > kAddressesPerDevice)
        known.resize(kAddressesPerDevice);
    return writeAddresses();
}

// ---- Invitations

void Profile::readInvitations()
{
    const auto bytes = readSmallFile(m_folder / "invitations", kSmallFileMax);
    if (!bytes || !*bytes)
        return;
    Reader in(**bytes);
    while (in.left() > 0 && in.ok()) {
        IssuedInvitation invitation;
        invitation.secret = in.fixedBytes<Hash>();
        invitation.expires = WallTime(Millis(in.i64()));
        const std::uint8_t flags = in.u8(); // 1 used, 2 leads to a workspace, 4 until an epoch
        invitation.isUsed = (flags & 1U) != 0;
        if ((flags & 2U) != 0) {
            invitation.workspace = in.fixedBytes<WorkspaceId>();
            invitation.usedBy = in.fixedBytes<PublicKey>();
        }
        if ((flags & 4U) != 0)
            invitation.lastEpoch = Epoch(in.u32());
        if (in.ok())
            m_invitations.push_back(invitation);
    }
    if (m_invitations.size() > kInvitationsMax)
        m_invitations.erase(m_invitations.begin(), m_invitations.end() - kInvitationsMax);
}

std::expected<void, ProfileError> Profile::writeInvitations() const
{
    Writer out;
    for (const IssuedInvitation &invitation : m_invitations) {
        out.fixedBytes(invitation.secret);
        out.i64(invitation.expires.time_since_epoch().count());
        out.u8(static_cast<std::uint8_t>((invitation.isUsed ? 1U : 0U)
                                         | (invitation.workspace ? 2U : 0U)
                                         | (invitation.lastEpoch ? 4U : 0U)));
        if (invitation.workspace) {
            out.fixedBytes(*invitation.workspace);
            out.fixedBytes(invitation.usedBy);
        }
        if (invitation.lastEpoch)
            out.u32(invitation.lastEpoch->value);
    }
    return writeSmallFile(m_folder / "invitations", out.bytes());
}

std::expected<void, ProfileError> Profile::addInvitation(const IssuedInvitation &invitation)
{
    m_invitations.push_back(invitation);
    if (m_invitations.size() > kInvitationsMax)
        m_invitations.erase(m_invitations.begin());
    return writeInvitations();
}

std::expected<void, ProfileError> Profile::markUsed(const Hash &secret, const PublicKey &by)
{
    for (IssuedInvitation &invitation : m_invitations)
        if (invitation.secret == secret) {
            invitation.isUsed = true;
            invitation.usedBy = by;
        }
    return writeInvitations();
}

} // namespace nlbd::app
