#include "app/file_desk.h"

#include "app/backup_blobs.h"
#include "app/loop.h"
#include "app/restored_folder.h"
#include "app/sentences.h"
#include "app/small_file.h"
#include "core/engine/backup_stamp.h"

#include <algorithm>
#include <set>

namespace nlbd::app {

namespace {

using TroubleKind = api::LobbyTrouble::Kind;
namespace fs = std::filesystem;

constexpr std::size_t kSmallBytesMax = 256 * 1024;

std::optional<std::string> faultOf(const std::string &passphrase)
{
    if (passphrase.size() < api::BackUp::kPassphraseBytesMin)
        return "A passphrase has eight letters at least: several words that nobody guesses.";
    if (passphrase.size() > api::BackUp::kPassphraseBytesMax)
        return "The passphrase is too long.";
    return std::nullopt;
}

bool isInside(const fs::path &file, const fs::path &folder)
{
    std::error_code error;
    const fs::path inner = fs::weakly_canonical(file, error);
    const fs::path outer = fs::weakly_canonical(folder, error);
    return std::ranges::mismatch(outer, inner).in1 == outer.end();
}

/// A copy of a small file, if it is there.
std::expected<void, ProfileError> copySmall(const fs::path &from, const fs::path &to)
{
    const auto bytes = readSmallFile(from, kSmallBytesMax);
    if (!bytes)
        return std::unexpected(bytes.error());
    return *bytes ? writeSmallFile(to, **bytes) : std::expected<void, ProfileError>();
}

void postTo(LoopMailbox &box, std::function<void(Loop &)> work)
{
    box.post(LoopInput(std::move(work)));
}

} // namespace

void FileDesk::tell(Answer answer)
{
    ++m_answers;
    m_answer = answer;
    if (auto *trouble = std::get_if<api::LobbyTrouble>(&answer))
        m_loop.tell(trouble->kind, std::move(trouble->detail));
    else if (auto *done = std::get_if<api::BackedUp>(&answer))
        m_loop.tell(std::move(*done));
    else if (auto *restored = std::get_if<api::BackupRestored>(&answer))
        m_loop.tell(std::move(*restored));
}

void FileDesk::failToBackUp(std::string why)
{
    tell(api::LobbyTrouble{TroubleKind::BackupFailed, std::move(why)});
}

void FileDesk::failToRestore(std::string why)
{
    tell(api::LobbyTrouble{TroubleKind::BadBackup, std::move(why)});
}

Clerk &FileDesk::clerk()
{
    if (!m_clerk)
        m_clerk = std::make_unique<Clerk>();
    return *m_clerk;
}

// ---- A backup -----------------------------------------------------------------------------------

void FileDesk::backUp(const api::BackUp &command)
{
    if (m_backup)
        return failToBackUp("Another backup is being written.");
    if (m_loop.profile().self() == nullptr)
        return failToBackUp("There is nobody here yet.");
    if (const auto fault = faultOf(command.passphrase))
        return failToBackUp(*fault);
    if (fs::path(command.file).is_relative() || isInside(command.file, m_loop.profile().folder()))
        return failToBackUp(
            "A backup belongs outside of the folder that it is of, best on another disk.");
    if (!m_loop.closed().empty())
        return failToBackUp("A workspace could not be opened and would be missing ("
                            + m_loop.closed().begin()->second.detail + ").");
    const auto folder = beginFolder();
    if (!folder)
        return failToBackUp(folder.error());
    m_backup.emplace(UnderWay{command.file, command.passphrase, m_loop.hosts().size(), {}});
    noteMissing();
    copyWorkspaces(*folder);
    if (m_loop.hosts().empty())
        seal();
}

std::expected<fs::path, std::string> FileDesk::beginFolder()
{
    const fs::path profile = m_loop.profile().folder();
    const fs::path folder = foldersToBackUp(profile);
    std::error_code error;
    fs::remove_all(folder, error);
    fs::create_directories(folder, error);
    fs::permissions(folder, fs::perms::owner_all, error);
    for (const char *name : {"identity", "addresses"})
        if (const auto done = copySmall(profile / name, folder / name); !done) {
            fs::remove_all(folder, error);
            return std::unexpected(sentenceOf(done.error()));
        }
    return folder;
}

void FileDesk::copyWorkspaces(const fs::path &folder)
{
    const PublicKey first = m_loop.profile().self()->device.publicKey();
    for (const auto &[id, workspace] : m_loop.hosts()) {
        const fs::path part = folder / "workspaces" / id.hex();
        std::error_code error; // the copying tells
        fs::create_directories(part, error);
        m_loop.m_storage->copy(
            id, part,
            [first](const std::vector<store::MetaRow> &meta) {
                SystemRandom random;
                return engine::stampOfCopy(meta, first, random);
            },
            [box = m_loop.m_mailbox](std::expected<void, store::StoreError> done) {
                postTo(*box, [why = done ? std::string() : done.error().detail](Loop &loop) {
                    loop.m_files.copied(why);
                });
            });
    }
}

/// Of what documents name, that which is not on this computer, each once.
void FileDesk::noteMissing()
{
    for (const auto &[id, workspace] : m_loop.hosts()) {
        std::set<Hash> seen;
        for (const api::AttachmentInfo &info : workspace->engine().attachments()) {
            if (info.state == api::AttachmentInfo::State::Here || !seen.insert(info.blob).second)
                continue;
            if (m_backup->done.missing.size() < api::BackedUp::kMissingNamedMax)
                m_backup->done.missing.push_back(info.name);
            ++m_backup->done.missingCount;
        }
    }
}

namespace {

/// On the clerk's thread, once all workspaces are copied.
std::expected<api::BackedUp, BackupError> sealAll(const fs::path &profile, api::BackedUp done,
                                                  const std::string &passphrase)
{
    const fs::path folder = foldersToBackUp(profile);
    std::uint64_t room = kBackupBlobsMax;
    std::error_code error;
    for (const auto &part : fs::directory_iterator(folder / "workspaces", error)) {
        const auto added = addBlobs(profile / "workspaces" / part.path().filename() / "blobs",
                                    part.path() / "blobs", room);
        if (!added)
            return std::unexpected(BackupError{BackupError::Kind::Disk, added.error()});
        room -= added->files;
        done.attachments += added->whole;
        done.missingCount += added->leftOut;
    }
    const auto written = writeBackup(folder, done.file, passphrase);
    if (!written)
        return std::unexpected(written.error());
    done.bytes = *written;
    return done;
}

} // namespace

/// One workspace more is there, or could not be copied.
void FileDesk::copied(std::string failure)
{
    if (m_backup->failure.empty())
        m_backup->failure = std::move(failure);
    if (--m_backup->missing == 0)
        seal();
}

void FileDesk::seal()
{
    const fs::path folder = foldersToBackUp(m_loop.profile().folder());
    if (!m_backup->failure.empty()) {
        std::error_code error;
        fs::remove_all(folder, error);
        const std::string why = std::exchange(m_backup, std::nullopt)->failure;
        return failToBackUp(sentenceOf(BackupError{BackupError::Kind::Disk, why}));
    }
    m_backup->done.file = m_backup->file;
    m_backup->done.workspaces = static_cast<std::uint16_t>(m_loop.hosts().size());
    clerk().give([box = m_loop.m_mailbox, profile = m_loop.profile().folder(),
                  begun = m_backup->done, passphrase = m_backup->passphrase] {
        const auto done = sealAll(profile, begun, passphrase);
        std::error_code error;
        fs::remove_all(foldersToBackUp(profile), error);
        postTo(*box, [done](Loop &loop) {
            loop.m_files.m_backup.reset();
            if (done)
                loop.m_files.tell(*done);
            else
                loop.m_files.failToBackUp(sentenceOf(done.error()));
        });
    });
}

// ---- A folder from it ---------------------------------------------------------------------------

namespace {

constexpr const char *kNotEmpty =
    "Somebody works with this folder already: a backup goes into an empty one.";

} // namespace

void FileDesk::restore(const api::RestoreBackup &command)
{
    if (m_loop.profile().self() != nullptr || !m_loop.profile().workspaces().empty())
        return failToRestore(kNotEmpty);
    if (m_isRestoring)
        return failToRestore("Another backup is being opened.");
    m_isRestoring = true;
    clerk().give(
        [box = m_loop.m_mailbox, folder = folderBeingRestored(m_loop.profile().folder()), command] {
            std::error_code error;
            fs::remove_all(folder, error);
            const auto done = readBackup(command.file, command.passphrase, folder);
            postTo(*box, [why = done ? std::string() : sentenceOf(done.error())](Loop &loop) {
                loop.m_files.opened(why);
            });
        });
}

void FileDesk::opened(std::string failure)
{
    m_isRestoring = false;
    if (!failure.empty())
        return failToRestore(std::move(failure));
    Profile &profile = m_loop.profile();
    if (profile.self() != nullptr) // a name was typed meanwhile
        return failToRestore(kNotEmpty);
    if (const auto done = profile.adoptRestored(); !done)
        return failToRestore(sentenceOf(done.error()));
    m_loop.beginIdentity();
    m_loop.tellProfile();
    m_loop.openStored();
    const bool areOthers = std::ranges::any_of(
        m_loop.m_tags, [](const auto &entry) { return entry.second.members.size() > 1; });
    if (m_loop.m_network && (m_loop.m_options.isDoorOpen || areOthers))
        m_loop.ensureNetwork();
    api::BackupRestored event;
    event.name = profile.self()->name;
    for (const auto &[id, workspace] : m_loop.hosts())
        if (const auto &now = workspace->engine().configuration();
            api::protectionOf(now.seats.size()) != api::Protection::Quorum)
            event.stuck.push_back(now.name);
    tell(std::move(event));
}

} // namespace nlbd::app
