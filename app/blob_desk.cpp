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
        engine::BlobsStored stored;
        for (store::BlobFolder::Stored &blob : folder.list())
            stored.blobs.push_back({blob.root, blob.size, std::move(blob.held)});
        line.post([stored = std::move(stored)](WorkspaceHost &host, BlobDesk &desk) {
            host.step(stored, readClocks());
            desk.m_isReady = true;
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
        const bool isKept =
            folder.keep(action.root, blobs::Shape(action.size), action.piece, action.proved);
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

void BlobDesk::answer(WorkspaceHost &host, Ticket ticket, Answer answer)
{
    m_waiting -= m_waiting > 0 ? 1 : 0;
    if (!std::holds_alternative<api::FileAttached>(answer)) // of that the engine tells
        std::visit([&host](const auto &event) { host.tell(event); }, answer);
    m_answers.emplace_back(ticket, std::move(answer));
    if (m_answers.size() > kAnswersMax)
        m_answers.pop_front();
}

BlobDesk::Ticket BlobDesk::attach(const api::AttachFile &command)
{
    const Ticket ticket = ++m_lastTicket;
    if (m_waiting++ >= kFilesWaitingMax) {
        m_line.post([ticket, command](WorkspaceHost &host, BlobDesk &desk) {
            desk.answer(host, ticket, api::AttachmentFailed{What::Attach, Why::Busy, command.file});
        });
        return ticket;
    }
    m_clerks.files.give(
        [line = m_line, folder = m_folder, ticket, command, isEnding = &m_clerks.isEnding] {
            ByteArray<32> key{};
            SystemRandom().fill(key);
            const auto done =
                store::sealFile(folder, command.file, key, store::mediaTypeOf(command.file),
                                [isEnding] { return !isEnding->load(); });
            line.post([ticket, command, done](WorkspaceHost &host, BlobDesk &desk) {
                desk.sealed(host, ticket, command, done);
            });
        });
    return ticket;
}

void BlobDesk::sealed(WorkspaceHost &host, Ticket ticket, const api::AttachFile &command,
                      const std::expected<blobs::BlobRef, store::BlobError> &done)
{
    if (!done) {
        answer(host, ticket,
               api::AttachmentFailed{What::Attach, whyOf(done.error()), command.file});
        return;
    }
    host.step(engine::BlobSealed{command.doc, *done}, readClocks());
    const Hash root = done->root();
    if (host.engine().attachment(command.doc, root)) {
        answer(host, ticket, api::FileAttached{command.doc, root, done->name});
        return;
    }
    carryOut(engine::DropBlob{root});
    answer(host, ticket, api::AttachmentFailed{What::Attach, Why::MayNotWrite, command.file});
}

BlobDesk::Ticket BlobDesk::save(const api::SaveAttachment &command, const engine::Engine &engine)
{
    const Ticket ticket = ++m_lastTicket;
    const auto ref = engine.attachment(command.doc, command.blob);
    const bool isBusy = m_waiting++ >= kFilesWaitingMax;
    if (isBusy || !ref || !engine.isAttachmentHere(command.blob)) {
        m_line.post([ticket, command, isBusy](WorkspaceHost &host, BlobDesk &desk) {
            desk.answer(
                host, ticket,
                api::AttachmentFailed{What::Save, isBusy ? Why::Busy : Why::NotHere, command.file});
        });
        return ticket;
    }
    m_clerks.files.give([line = m_line, folder = m_folder, ticket, command, ref,
                         isEnding = &m_clerks.isEnding] {
        const auto done =
            store::saveBlob(folder, *ref, command.file, [isEnding] { return !isEnding->load(); });
        line.post([ticket, command, done](WorkspaceHost &host, BlobDesk &desk) {
            desk.saved(host, ticket, command, done);
        });
    });
    return ticket;
}

void BlobDesk::saved(WorkspaceHost &host, Ticket ticket, const api::SaveAttachment &command,
                     const std::expected<void, store::BlobFailure> &done)
{
    if (done) {
        answer(host, ticket, api::AttachmentSaved{command.blob, command.file});
        return;
    }
    if (!done.error().damaged.empty()) {
        const auto ref = host.engine().attachment(command.doc, command.blob);
        if (ref)
            m_clerks.pieces.give([folder = m_folder, root = command.blob, size = ref->size,
                                  pieces = done.error().damaged] {
                for (const std::uint32_t piece : pieces)
                    folder.lose(root, blobs::Shape(size), piece);
            });
        host.step(engine::PiecesLost{command.blob, done.error().damaged}, readClocks());
    }
    answer(host, ticket,
           api::AttachmentFailed{What::Save, whyOf(done.error().error), command.file});
}

} // namespace nlbd::app
