#pragma once

#include "core/api/workspace.h"

#include <QObject>

#include <memory>

namespace nlbd::ui {

/// The one QObject that holds a workspace. Events come on a thread of the core's choice; they are
/// posted to the GUI's loop as one batch and leave here as typed signals, in order.
class WorkspaceBridge : public QObject {
    Q_OBJECT

public:
    explicit WorkspaceBridge(std::shared_ptr<api::Workspace> workspace, QObject *parent = nullptr);
    ~WorkspaceBridge() override;

    /// Asks for the present state and everything after it. Connect the signals first.
    void start();

    void submit(api::Command command);

    /// A number for a new view of a document, never used before.
    [[nodiscard]] std::uint64_t nextView() noexcept { return ++m_views; }
    /// A number for a request that is answered with it.
    [[nodiscard]] std::uint64_t nextRequest() noexcept { return ++m_requests; }

Q_SIGNALS:
    void documentsChanged(const nlbd::api::DocumentsChanged &event);
    void documentCreated(const nlbd::api::DocumentCreated &event);
    void documentOpened(const nlbd::api::DocumentOpened &event);
    void textPatched(const nlbd::api::TextPatched &event);
    void agreementChanged(const nlbd::api::AgreementChanged &event);
    void undoChanged(const nlbd::api::UndoChanged &event);
    void rejectedChanged(const nlbd::api::RejectedChanged &event);
    void rejectedRead(const nlbd::api::RejectedRead &event);
    void wordsPutBack(const nlbd::api::WordsPutBack &event);
    void deviceReviewed(const nlbd::api::DeviceReviewed &event);
    void tookBack(const nlbd::api::TookBack &event);
    void caretMoved(const nlbd::api::CaretMoved &event);
    void peopleChanged(const nlbd::api::PeopleChanged &event);
    void statusChanged(const nlbd::api::StatusChanged &event);
    void refused(const nlbd::api::Refused &event);
    void evidenceFound(const nlbd::api::EvidenceFound &event);
    void evidenceChecked(const nlbd::api::EvidenceChecked &event);
    void trouble(const nlbd::api::Trouble &event);
    void decisionsChanged(const nlbd::api::DecisionsChanged &event);
    void proposalAnswered(const nlbd::api::ProposalAnswered &event);
    void devicesChanged(const nlbd::api::DevicesChanged &event);
    void considered(const nlbd::api::Considered &event);
    void decisionRead(const nlbd::api::DecisionRead &event);
    void attachmentsChanged(const nlbd::api::AttachmentsChanged &event);
    void fileAttached(const nlbd::api::FileAttached &event);
    void attachmentSaved(const nlbd::api::AttachmentSaved &event);
    void attachmentFailed(const nlbd::api::AttachmentFailed &event);
    void attachmentRead(const nlbd::api::AttachmentRead &event);
    void fileProgress(const nlbd::api::FileProgress &event);
    void authorsTold(const nlbd::api::AuthorsTold &event);
    void whoHasTold(const nlbd::api::WhoHasTold &event);
    void commentWritten(const nlbd::api::CommentWritten &event);
    void commentsChanged(const nlbd::api::CommentsChanged &event);
    void mentionsChanged(const nlbd::api::MentionsChanged &event);
    void suggestionsChanged(const nlbd::api::SuggestionsChanged &event);
    void suggestionContested(const nlbd::api::SuggestionContested &event);
    void pastTold(const nlbd::api::PastTold &event);
    void pastTextTold(const nlbd::api::PastTextTold &event);
    void pastRestored(const nlbd::api::PastRestored &event);
    void apartChanged(const nlbd::api::ApartChanged &event);
    void apartTold(const nlbd::api::ApartTold &event);

private:
    void deliver(const std::vector<api::Event> &events);

    std::shared_ptr<api::Workspace> m_workspace;
    std::uint64_t m_views = 0;
    std::uint64_t m_requests = 0;
};

} // namespace nlbd::ui
