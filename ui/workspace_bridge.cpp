#include "ui/workspace_bridge.h"

#include "ui/overloaded.h"

#include <QMetaObject>
#include <QPointer>

#include <utility>

namespace nlbd::ui {

WorkspaceBridge::WorkspaceBridge(std::shared_ptr<api::Workspace> workspace, QObject *parent)
    : QObject(parent)
    , m_workspace(std::move(workspace))
{
}

WorkspaceBridge::~WorkspaceBridge()
{
    m_workspace->subscribe({});
}

void WorkspaceBridge::start()
{
    m_workspace->subscribe([this](std::vector<api::Event> events) {
        QMetaObject::invokeMethod(
            this, [this, batch = std::move(events)] { deliver(batch); }, Qt::QueuedConnection);
    });
}

void WorkspaceBridge::submit(api::Command command)
{
    m_workspace->submit(std::move(command));
}

void WorkspaceBridge::deliver(const std::vector<api::Event> &events)
{
    const Overloaded tell{
        [this](const api::DocumentsChanged &e) { Q_EMIT documentsChanged(e); },
        [this](const api::DocumentCreated &e) { Q_EMIT documentCreated(e); },
        [this](const api::DocumentOpened &e) { Q_EMIT documentOpened(e); },
        [this](const api::TextPatched &e) { Q_EMIT textPatched(e); },
        [this](const api::AgreementChanged &e) { Q_EMIT agreementChanged(e); },
        [this](const api::UndoChanged &e) { Q_EMIT undoChanged(e); },
        [this](const api::RejectedChanged &e) { Q_EMIT rejectedChanged(e); },
        [this](const api::RejectedRead &e) { Q_EMIT rejectedRead(e); },
        [this](const api::WordsPutBack &e) { Q_EMIT wordsPutBack(e); },
        [this](const api::DeviceReviewed &e) { Q_EMIT deviceReviewed(e); },
        [this](const api::TookBack &e) { Q_EMIT tookBack(e); },
        [this](const api::CaretMoved &e) { Q_EMIT caretMoved(e); },
        [this](const api::PeopleChanged &e) { Q_EMIT peopleChanged(e); },
        [this](const api::StatusChanged &e) { Q_EMIT statusChanged(e); },
        [this](const api::Refused &e) { Q_EMIT refused(e); },
        [this](const api::EvidenceFound &e) { Q_EMIT evidenceFound(e); },
        [this](const api::EvidenceChecked &e) { Q_EMIT evidenceChecked(e); },
        [this](const api::Trouble &e) { Q_EMIT trouble(e); },
        [this](const api::DecisionsChanged &e) { Q_EMIT decisionsChanged(e); },
        [this](const api::ProposalAnswered &e) { Q_EMIT proposalAnswered(e); },
        [this](const api::DevicesChanged &e) { Q_EMIT devicesChanged(e); },
        [this](const api::Considered &e) { Q_EMIT considered(e); },
        [this](const api::DecisionRead &e) { Q_EMIT decisionRead(e); },
        [this](const api::AttachmentsChanged &e) { Q_EMIT attachmentsChanged(e); },
        [this](const api::FileAttached &e) { Q_EMIT fileAttached(e); },
        [this](const api::AttachmentSaved &e) { Q_EMIT attachmentSaved(e); },
        [this](const api::AttachmentFailed &e) { Q_EMIT attachmentFailed(e); },
        [this](const api::AttachmentRead &e) { Q_EMIT attachmentRead(e); },
        [this](const api::FileProgress &e) { Q_EMIT fileProgress(e); },
        [this](const api::AuthorsTold &e) { Q_EMIT authorsTold(e); },
        [this](const api::WhoHasTold &e) { Q_EMIT whoHasTold(e); },
        [this](const api::CommentWritten &e) { Q_EMIT commentWritten(e); },
        [this](const api::CommentsChanged &e) { Q_EMIT commentsChanged(e); },
        [this](const api::MentionsChanged &e) { Q_EMIT mentionsChanged(e); },
        [this](const api::SuggestionsChanged &e) { Q_EMIT suggestionsChanged(e); },
        [this](const api::SuggestionContested &e) { Q_EMIT suggestionContested(e); },
        [this](const api::PastTold &e) { Q_EMIT pastTold(e); },
        [this](const api::PastTextTold &e) { Q_EMIT pastTextTold(e); },
        [this](const api::PastRestored &e) { Q_EMIT pastRestored(e); },
        [this](const api::ApartChanged &e) { Q_EMIT apartChanged(e); },
        [this](const api::ApartTold &e) { Q_EMIT apartTold(e); },
    };
    // A slot may close the window and with it this bridge.
    const QPointer<WorkspaceBridge> alive(this);
    for (const api::Event &event : events) {
        std::visit(tell, event);
        if (!alive)
            return;
    }
}

} // namespace nlbd::ui
