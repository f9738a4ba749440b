#include "app/blob_desk.h"

#include "app/loop.h"
#include "app/system_clock.h"

namespace nlbd::app {

namespace {

using What = api::AttachmentFailed::What;
using Why = api::AttachmentFailed::Why;

constexpr std::size_t kAnswersMax = 64;

Why whyOf(store::BlobError error)
{
    switch (error) {
    case store::BlobError::NoSuchFile:
        return Why::NoSuchFile;
    case store::BlobError::TooLarge:
        return Why::TooLarge;
    case store::BlobError::Changed:
        return Why::Changed;
    case store::BlobError::NotHere:
        return Why::NotHere;
    case store::BlobError::Damaged:
        return Why::Damaged;
    case store::BlobError::DiskRefuses:
    case store::BlobError::Stopped:
        return Why::DiskRefuses;
    }
    return Why::DiskRefuses;
}

} // namespace

BlobDesk::BlobDesk(const WorkspaceId &workspace, std::filesystem::path folder, BlobClerks &clerks,
                   std::shared_ptr<LoopMailbox> loop)
    : m_line{workspace, std::move(loop)}
    , m_folder(std::move(folder))
    , m_clerks(clerks)
{
    m_clerks.pieces.give([line = m_line, folder = m_folder] {
        folder.tidy();
        engine::BlobsStored stored;
        for (store::BlobFolder::Stored &blob : folder.list())
            stored.blobs.push_back({blob.root, blob.size, std::move(blob.held)});
        line.post([stored = std::move(stored)](WorkspaceHost &host, BlobDesk &desk) {
            host.step(stored, readClocks());
            desk.m_isReady = true;
            desk.next(host);
        });
    });
}

void BlobDesk::Line::post(std::function<void(WorkspaceHost &, BlobDesk &)> work) const
{
    loop->post(LoopInput(
        std::function<void(Loop &)>([id = workspace, work = std::move(work)](Loop &running) {
            WorkspaceHost *host = running.host(id);
            if (host != nullptr && host->blobs() != nullptr)
                work(*host, *host->blobs());
        })));
}

void BlobDesk::Line::tell(engine::Event event) const
{
    post([event = std::make_shared<engine::Event>(std::move(event))](
             WorkspaceHost &host, BlobDesk &) { host.step(std::move(*event), readClocks()); });
}

// ---- pieces -------------------------------------------------------------------------------------

void BlobDesk::carryOut(const engine::ReadPiece &action)
{
    m_clerks.pieces.give([line = m_line, folder = m_folder, action] {
        const blobs::Shape shape(action.size);
        Bytes proved = folder.read(action.root, shape, action.piece);
        if (proved.empty())
            folder.lose(action.root, shape, action.piece);
        line.tell(engine::PieceRead{action.peer, action.root, action.piece, std::move(proved)});
    });
}

void BlobDesk::carryOut(engine::KeepPiece action)
{
    m_clerks.pieces.give([line = m_line, folder = m_folder, action = std::move(action)] {
        using Which = store::BlobFolder::Which;
        const bool isKept =
            folder.keep(action.root, blobs::Shape(action.size), action.piece, action.proved,
                        action.isLast ? Which::Last : Which::OneOfMany);
        line.tell(engine::PieceKept{action.root, action.piece, isKept});
    });
}

void BlobDesk::carryOut(const engine::BeginBlob &action)
{
    // A disk that refuses this refuses the first piece too, and that is told.
    m_clerks.pieces.give([folder = m_folder, action] {
        static_cast<void>(folder.begin(action.root, blobs::Shape(action.size)));
    });
}

void BlobDesk::carryOut(const engine::DropBlob &action)
{
    m_clerks.pieces.give([folder = m_folder, action] { folder.drop(action.root); });
}

// ---- files --------------------------------------------------------------------------------------

std::optional<BlobDesk::Answer> BlobDesk::answerTo(Ticket ticket) const
{
    const auto found = std::ranges::find(m_answers, ticket, &std::pair<Ticket, Answer>::first);
    return found == m_answers.end() ? std::nullopt : std::optional(found->second);
}

api::FileProgress BlobDesk::progressOf(Ticket ticket) const
{
    return m_isBusy && m_jobs.front().ticket == ticket ? m_progress : api::FileProgress{};
}

BlobDesk::Ticket BlobDesk::attach(const api::AttachFile &command)
{
    return add(command);
}

BlobDesk::Ticket BlobDesk::save(const api::SaveAttachment &command)
{
    return add(command);
}

BlobDesk::Ticket BlobDesk::add(std::variant<api::AttachFile, api::SaveAttachment> command)
{
    const Ticket ticket = ++m_lastTicket;
    m_jobs.push_back({ticket, std::move(command)});
    m_line.post([](WorkspaceHost &host, BlobDesk &desk) { desk.next(host); });
    return ticket;
}

void BlobDesk::remember(Ticket ticket, Answer answer)
{
    m_answers.emplace_back(ticket, std::move(answer));
    if (m_answers.size() > kAnswersMax)
        m_answers.pop_front();
}

void BlobDesk::answer(WorkspaceHost &host, Answer answer)
{
    if (!std::holds_alternative<api::FileAttached>(answer)) // of that the engine tells
        std::visit([&host](const auto &event) { host.tell(event); }, answer);
    remember(m_jobs.front().ticket, std::move(answer));
    m_jobs.pop_front();
    m_isBusy = false;
    m_line.post([](WorkspaceHost &next, BlobDesk &desk) { desk.next(next); });
}

/// Begins what waits longest, if nothing is in hand.
void BlobDesk::next(WorkspaceHost &host)
{
    while (m_jobs.size() > kFilesWaitingMax) { // those that came last
        const Job job = std::move(m_jobs.back());
        m_jobs.pop_back();
        const bool isSaving = std::holds_alternative<api::SaveAttachment>(job.command);
        const api::AttachmentFailed busy{
            isSaving ? What::Save : What::Attach, Why::Busy,
            std::visit([](const auto &command) { return command.file; }, job.command)};
        host.tell(busy);
        remember(job.ticket, busy);
    }
    if (!m_isReady || m_isBusy || m_jobs.empty())
        return;
    m_isBusy = true;
    const auto command = m_jobs.front().command;
    std::visit([&](const auto &it) { begin(host, it); }, command);
}

/// Called on the clerk's thread: tells how far it is, and whether it may go on.
store::OnTheWay BlobDesk::onTheWay() const
{
    static constexpr Millis kTold{500};
    return [line = m_line, isEnding = &m_clerks.isEnding,
            last = MonoTime{}](std::uint64_t done, std::uint64_t size) mutable {
        const MonoTime now = readClocks().mono;
        if (now - last >= kTold) {
            last = now;
            line.post([done, size](WorkspaceHost &host, BlobDesk &desk) {
                desk.m_progress.done = done;
                desk.m_progress.size = size;
                host.tell(desk.m_progress);
            });
        }
        return !isEnding->load();
    };
}

void BlobDesk::begin(WorkspaceHost &host, const api::AttachFile &command)
{
    m_progress = {api::FileProgress::What::Attach, command.file, 0, 0};
    store::Sealing how;
    SystemRandom().fill(how.key);
    how.mediaType = store::mediaTypeOf(command.file);
    how.known = host.engine().attachmentsHere();
    m_clerks.files.give(
        [line = m_line, folder = m_folder, command, how = std::move(how), onTheWay = onTheWay()] {
            const auto done = store::sealFile(folder, command.file, how, onTheWay);
            line.post([command, done](WorkspaceHost &running, BlobDesk &desk) {
                desk.sealed(running, command, done);
            });
        });
}

void BlobDesk::sealed(WorkspaceHost &host, const api::AttachFile &command, const Sealed &done)
{
    if (!done)
        return answer(host, api::AttachmentFailed{What::Attach, whyOf(done.error()), command.file});
    const Hash root = done->ref.root();
    if (done->isReused && !host.engine().isAttachmentHere(root))
        return begin(host, command); // it went meanwhile
    host.step(engine::BlobSealed{command.doc, done->ref}, readClocks());
    if (host.engine().attachment(command.doc, root) == done->ref)
        return answer(host, api::FileAttached{command.doc, root, done->ref.name});
    answer(host, api::AttachmentFailed{What::Attach, Why::MayNotWrite, command.file});
}

void BlobDesk::begin(WorkspaceHost &host, const api::SaveAttachment &command)
{
    m_progress = {api::FileProgress::What::Save, command.file, 0, 0};
    const auto ref = host.engine().attachment(command.doc, command.blob);
    if (!ref || !host.engine().isAttachmentHere(command.blob))
        return answer(host, api::AttachmentFailed{What::Save, Why::NotHere, command.file});
    m_clerks.files.give([line = m_line, folder = m_folder, command, ref, onTheWay = onTheWay()] {
        const auto done = store::saveBlob(folder, *ref, command.file, onTheWay);
        line.post([command, done](WorkspaceHost &running, BlobDesk &desk) {
            desk.saved(running, command, done);
        });
    });
}

void BlobDesk::saved(WorkspaceHost &host, const api::SaveAttachment &command, const Saved &done)
{
    if (done)
        return answer(host, api::AttachmentSaved{command.blob, command.file});
    fetchAgain(host, command.doc, command.blob, done.error().damaged);
    answer(host, api::AttachmentFailed{What::Save, whyOf(done.error().error), command.file});
}

/// Pieces that are not what they were.
void BlobDesk::fetchAgain(WorkspaceHost &host, DocIndex doc, const Hash &blob,
                          const std::vector<std::uint32_t> &pieces)
{
    if (pieces.empty())
        return;
    if (const auto ref = host.engine().attachment(doc, blob))
        m_clerks.pieces.give([folder = m_folder, root = blob, size = ref->size, pieces] {
            for (const std::uint32_t piece : pieces)
                folder.lose(root, blobs::Shape(size), piece);
        });
    host.step(engine::PiecesLost{blob, pieces}, readClocks());
}

// ---- for a view ---------------------------------------------------------------------------------

void BlobDesk::read(WorkspaceHost &host, const api::ReadAttachment &command)
{
    const auto ref = host.engine().attachment(command.doc, command.blob);
    const bool isHere = m_isReady && ref && host.engine().isAttachmentHere(command.blob);
    if (!isHere || m_reads >= kReadsMax) {
        host.tell(api::AttachmentRead{
            command.request, command.blob, {}, isHere ? Why::Busy : Why::NotHere});
        return;
    }
    ++m_reads;
    m_clerks.files.give([line = m_line, folder = m_folder, command, ref,
                         isEnding = &m_clerks.isEnding] {
        const auto goesOn = [isEnding](std::uint64_t, std::uint64_t) { return !isEnding->load(); };
        auto done = std::make_shared<Read>(store::readBlob(folder, *ref, command.bytesMax, goesOn));
        line.post([command, done](WorkspaceHost &running, BlobDesk &desk) {
            desk.wasRead(running, command, std::move(*done));
        });
    });
}

void BlobDesk::wasRead(WorkspaceHost &host, const api::ReadAttachment &command, Read done)
{
    --m_reads;
    if (done) {
        host.tell(api::AttachmentRead{command.request, command.blob, std::move(*done)});
        return;
    }
    fetchAgain(host, command.doc, command.blob, done.error().damaged);
    host.tell(api::AttachmentRead{command.request, command.blob, {}, whyOf(done.error().error)});
}

} // namespace nlbd::app
