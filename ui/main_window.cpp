#include "ui/main_window.h"

#include "ui/attachments/attachments_window.h"
#include "ui/banner_zone.h"
#include "ui/decisions/decisions_panel.h"
#include "ui/documents/document_list.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_clipboard.h"
#include "ui/editor/page_suggestions.h"
#include "ui/editor/word_count.h"
#include "ui/evidence/evidence_window.h"
#include "ui/help/help_dialog.h"
#include "ui/history/page_history.h"
#include "ui/page_parts.h"
#include "ui/parts.h"
#include "ui/people/people_panel.h"
#include "ui/rejected/rejected_window.h"
#include "ui/status_line.h"
#include "ui/words_evidence.h"

#include <QAction>
#include <QCloseEvent>
#include <QStackedWidget>
#include <QTextBlock>

namespace nlbd::ui {

namespace {

constexpr int kTitleMillis = 1500; ///< a pause after which the first line names the document
constexpr int kMinuteMillis = 60'000;

/// Nothing differs but how much each has, when it was heard of last, and where it writes.
bool isSameButForProgress(api::Person a, const api::Person &b)
{
    a.changesBehind = b.changesBehind;
    a.lastHeard = b.lastHeard;
    a.writingIn = b.writingIn;
    return a == b;
}

} // namespace

MainWindow::MainWindow(std::shared_ptr<api::Workspace> workspace, const QString &name,
                       QWidget *parent)
    : QWidget(parent)
    , m_bridge(std::move(workspace))
    , m_name(name)
{
    setObjectName(QStringLiteral("room"));
    setAttribute(Qt::WA_StyledBackground);
    setMinimumSize(560, 420);
    resize(1280, 800);
    setWindowIcon(appIcon());
    makeActions();
    makeFormatActions();
    makeToolbar();
    m_list = new DocumentList(this);
    makePage();
    makeSide();
    m_status = new StatusLine(this);
    m_evidence = new EvidenceWindow(m_bridge, this);
    m_rejected = new RejectedWindow(
        m_bridge, [this](DocIndex doc) { return m_list->titleOf(doc); }, this);
    m_attachments = new AttachmentsWindow(m_bridge, this);
    m_list->setWorkspace(name);
    m_titleTimer.setSingleShot(true);
    connect(&m_titleTimer, &QTimer::timeout, this, &MainWindow::nameFromFirstLine);
    m_clock.start();
    connect(&m_minuteTimer, &QTimer::timeout, this, [this] {
        m_panel->refresh();
        lookAtClock(std::chrono::milliseconds(m_clock.elapsed()));
        statusChanged(m_state);
    });
    m_minuteTimer.start(kMinuteMillis);
    connectWorkspace();
    connectDecisions();
    connectRejected();
    connectCompany();
    connectAuthors();
    connectParts();
    connectAttachments();
    connectComments();
    connectSuggestions();
    connectHistory();
    refreshTitle();
    layParts();
    m_page->viewport()->installEventFilter(this);
    goToPage();
    // The present state comes when this window's maker has said where the person was.
    QMetaObject::invokeMethod(&m_bridge, &WorkspaceBridge::start, Qt::QueuedConnection);
}

/// The page and the evidence speak to the bridge until they are gone (a page that loses the focus
/// ends its undo group), and the bridge goes with this object's members, before its children.
MainWindow::~MainWindow()
{
    delete m_suggestions; // takes its layer off the page, which still is one
    delete m_history;
    delete m_attachments;
    delete m_rejected;
    delete m_evidence;
    delete m_column;
    delete m_side;
}

void MainWindow::connectWorkspace()
{
    connect(&m_bridge, &WorkspaceBridge::documentsChanged, this, &MainWindow::documentsChanged);
    connect(&m_bridge, &WorkspaceBridge::documentCreated, this, &MainWindow::documentCreated);
    connect(&m_bridge, &WorkspaceBridge::peopleChanged, this, &MainWindow::peopleChanged);
    connect(&m_bridge, &WorkspaceBridge::statusChanged, this,
            [this](const api::StatusChanged &event) {
                m_hasStatus = true;
                statusChanged(event);
            });
    connect(&m_bridge, &WorkspaceBridge::undoChanged, this, &MainWindow::undoChanged);
    connect(&m_bridge, &WorkspaceBridge::refused, this, &MainWindow::refused);
    connect(&m_bridge, &WorkspaceBridge::evidenceFound, this, &MainWindow::evidenceFound);
    connect(&m_bridge, &WorkspaceBridge::trouble, this, &MainWindow::trouble);
    connect(m_list, &DocumentList::chosen, this, &MainWindow::openDocument);
    connect(m_list, &DocumentList::entered, this, [this] {
        m_sidebarDrawer = false;
        layParts();
        goToPage();
    });
    connect(m_list, &DocumentList::renamed, this, [this](DocIndex doc, const QString &title) {
        m_bridge.submit(api::RenameDocument{doc, title.toUtf8().toStdString()});
    });
    connect(m_page, &DocumentView::edited, this, [this] {
        m_titleTimer.start(kTitleMillis);
        m_undo->setEnabled(true); // at once: the engine's word comes later than a quick hand
    });
    connect(m_page, &DocumentView::told, this, &MainWindow::tellFile);
    connect(&m_page->clipboard(), &PageClipboard::progressed, m_status, &StatusLine::showNote);
    auto *count = new WordCount(*m_page, m_page);
    connect(count, &WordCount::counted, m_status, &StatusLine::showWords);
    connect(count, &WordCount::gone, m_status, &StatusLine::hideWords);
}

void MainWindow::setWorkspaceName(const QString &name)
{
    m_name = name;
    m_list->setWorkspace(name);
    refreshTitle();
}

// ---- Documents -------------------------------------------------------------------------------

void MainWindow::openDocument(DocIndex doc)
{
    if (m_page->shownDocument() == doc)
        return;
    nameFromFirstLine();
    m_undo->setEnabled(false);
    m_redo->setEnabled(false);
    m_page->open(doc);
    m_page->setAccessibleName(tr("Text of %1").arg(m_list->titleOf(doc)));
    m_panel->setDocument(doc);
    m_list->setCurrent(doc);
    m_stack->setCurrentWidget(m_page);
    m_export->setEnabled(true);
    m_rename->setEnabled(true);
    m_attach->setEnabled(true);
    m_attachments->setDocument(doc, m_list->titleOf(doc));
    refreshTitle();
}

void MainWindow::documentsChanged(const api::DocumentsChanged &event)
{
    m_list->setDocuments(event.documents);
    if (m_page->shownDocument())
        m_list->setCurrent(*m_page->shownDocument());
    else if (const auto first = m_list->first(); first && !m_created) {
        const bool isKnown = m_last.doc && m_list->contains(*m_last.doc);
        if (isKnown)
            m_page->comeBack(*m_last.doc, m_last.caret);
        openDocument(isKnown ? *m_last.doc : *first);
    }
    if (m_isFirstList && !event.documents.empty())
        goToPage();
    m_isFirstList = false;
    startOnBlankPage();
    refreshTitle();
}

/// Whoever is alone in a new workspace writes at once. In a group the first to write makes the
/// page, or there would be as many blank ones as people.
void MainWindow::startOnBlankPage()
{
    const bool isAlone = m_people.people.size() == 1;
    if (m_isBlankOffered || m_isFirstList || !isAlone || m_list->first())
        return;
    m_isBlankOffered = true;
    newDocument();
}

MainWindow::Place MainWindow::place() const
{
    return {m_page->shownDocument(), m_page->textCursor().position(), saveGeometry()};
}

void MainWindow::setPlace(Place place)
{
    if (!place.geometry.isEmpty())
        restoreGeometry(place.geometry);
    m_last = std::move(place);
}

void MainWindow::documentCreated(const api::DocumentCreated &event)
{
    if (m_created != event.request)
        return;
    m_created.reset();
    openDocument(event.doc);
    goToPage();
}

void MainWindow::newDocument()
{
    m_created = m_bridge.nextRequest();
    m_bridge.submit(api::CreateDocument{*m_created, {}, {}});
}

void MainWindow::nameFromFirstLine()
{
    m_titleTimer.stop();
    const std::optional<DocIndex> doc = m_page->shownDocument();
    if (!doc || !m_page->isOpen() || m_list->titleOf(*doc) != words::title({}))
        return;
    const QString title = words::titleFrom(m_page->document()->firstBlock().text());
    if (!title.isEmpty())
        m_bridge.submit(api::RenameDocument{*doc, title.toUtf8().toStdString()});
}

void MainWindow::refreshTitle()
{
    QStringList parts;
    if (const std::optional<DocIndex> doc = m_page->shownDocument())
        parts.append(m_list->titleOf(*doc).isEmpty() ? words::title({}) : m_list->titleOf(*doc));
    parts.append(m_name);
    parts.append(tr("No Leader"));
    setWindowTitle(parts.join(QStringLiteral(" \u2014 ")));
}

// ---- Files -----------------------------------------------------------------------------------

// ---- What the workspace tells ----------------------------------------------------------------

void MainWindow::peopleChanged(const api::PeopleChanged &event)
{
    const auto before = std::exchange(m_people, event).people;
    m_panel->setPeople(event);
    if (m_hasStatus)
        statusChanged(m_state);
    if (std::ranges::equal(before, event.people, isSameButForProgress))
        return; // as most of the time, while people write
    m_decisions->setPeople(event.people);
    m_page->setPeople(event.people);
    m_evidence->setPeople(event.people);
    m_rejected->setPeople(event.people);
    m_attachments->setPeople(event.people);
    showRejectedBanner();
    startOnBlankPage();
    layParts();
    laySide();
}

void MainWindow::statusChanged(const api::StatusChanged &event)
{
    m_state = event;
    m_list->setNearby(event.othersOnline);
    if (!m_people.people.empty())
        m_status->showParts(words::status(event, m_people.people, QDateTime::currentDateTime()));
    showIsolation();
}

void MainWindow::undoChanged(const api::UndoChanged &event)
{
    if (m_page->shownDocument() != event.doc)
        return;
    m_undo->setEnabled(event.canUndo);
    m_redo->setEnabled(event.canRedo);
    m_undo->setText(words::undo(event));
    m_redo->setText(words::redo(event));
}

void MainWindow::refused(const api::Refused &event)
{
    m_evidence->addRefusals(event.refusals);
    if (event.unread == 0 || event.refusals.empty()) {
        m_banners->remove(BannerZone::About::Refused);
        return;
    }
    const auto acknowledge = [this] { m_bridge.submit(api::AcknowledgeRefusals{}); };
    m_banners->put(BannerZone::About::Refused,
                   {QStringLiteral("refused"),
                    QStringLiteral("shield-alert"),
                    words::refused(event.refusals.back(), event.unread, m_people.people),
                    {{tr("Show evidence"),
                      [this, acknowledge] {
                          acknowledge();
                          showEvidence();
                      }}},
                    acknowledge});
}

void MainWindow::evidenceFound(const api::EvidenceFound &event)
{
    m_evidence->addEvidence(event.evidence);
    const std::size_t known = std::exchange(m_proofs, m_evidence->proofCount());
    if (event.evidence.empty() || m_proofs == known)
        return;
    const api::EvidenceInfo &latest = event.evidence.back();
    if (!latest.accused)
        return; // two decisions, against several: a trouble of its own
    m_banners->put(BannerZone::About::Proof,
                   {QStringLiteral("refused"),
                    QStringLiteral("shield-alert"),
                    words::proven(latest, m_people.people),
                    {{tr("Show evidence"),
                      [this] {
                          m_banners->remove(BannerZone::About::Proof);
                          showEvidence();
                      }}},
                    {}});
}

void MainWindow::trouble(const api::Trouble &event)
{
    using Kind = api::Trouble::Kind;
    using About = BannerZone::About;
    const auto about = [&event] {
        switch (event.kind) {
        case Kind::DiskFull:
        case Kind::DiskReadOnly:
        case Kind::DiskFailed:
            return About::Disk;
        case Kind::MyDeviceDisputed:
        case Kind::FolderIsACopy:
        case Kind::KeySecretMissing:
            return About::MyDevice;
        case Kind::DecisionsConflict:
            return About::Decisions;
        case Kind::StoreRecovered:
            return About::Store;
        case Kind::MayNotWrite:
        case Kind::OwnChangesMissing:
        case Kind::DocumentTooLong:
        case Kind::TextNotValid:
            return About::Text;
        }
        return About::Text;
    }();
    if (about == About::Disk)
        m_isDiskRefusing = !event.isOver;
    if (event.isOver) {
        m_banners->remove(about);
        return;
    }
    BannerZone::Banner banner{about == About::MyDevice || about == About::Disk
                                  ? QStringLiteral("refused")
                                  : QStringLiteral("pencil"),
                              QStringLiteral("warning"),
                              words::trouble(event),
                              {},
                              {}};
    if (about == About::Disk)
        banner.choices = {{tr("Try again"), [this] { m_bridge.submit(api::RetryStore{}); }}};
    if (about == About::Disk || about == About::MyDevice)
        banner.choices.push_back({tr("Export\u2026"), [this] { askExport(); }});
    m_banners->put(about, std::move(banner));
}

void MainWindow::tellLobby(const api::LobbyTrouble &event)
{
    using Kind = api::LobbyTrouble::Kind;
    using About = BannerZone::About;
    if (event.kind == Kind::DiskFull || event.kind == Kind::DiskReadOnly)
        return; // the workspace's own trouble says it, and what it means for the text
    const bool isOfWorkspaces = event.kind == Kind::StoreDamaged || event.kind == Kind::DiskFailed;
    const About about = event.kind == Kind::ClockOff ? About::Clock
        : isOfWorkspaces                             ? About::Workspaces
                                                     : About::Network;
    m_banners->put(
        about,
        {QStringLiteral("pencil"), QStringLiteral("warning"), words::trouble(event), {}, {}});
}

void MainWindow::setNotice(const QString &html, const QString &choice, std::function<void()> use)
{
    if (html.isEmpty()) {
        m_banners->remove(BannerZone::About::Founding);
        return;
    }
    BannerZone::Banner banner{{}, QStringLiteral("people"), html, {}, {}};
    if (use)
        banner.choices = {{choice, std::move(use)}};
    m_banners->put(BannerZone::About::Founding, std::move(banner));
}

void MainWindow::showEvidence()
{
    m_evidence->show();
    m_evidence->raise();
    m_evidence->activateWindow();
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    nameFromFirstLine();
    if (m_isDiskRefusing && !m_closesAnyway) {
        event->ignore();
        askBeforeLosing();
        return;
    }
    const Place last = place();
    m_page->leave();
    QWidget::closeEvent(event);
    Q_EMIT closed(last);
}

/// The banner about the disk becomes a question; the text stays in view.
void MainWindow::askBeforeLosing()
{
    m_banners->put(BannerZone::About::Disk,
                   {QStringLiteral("refused"),
                    QStringLiteral("warning"),
                    tr("<b>Your last words are not on the disk yet.</b> Closing now may lose them. "
                       "What was stored before is safe."),
                    {{tr("Try again"), [this] { m_bridge.submit(api::RetryStore{}); }},
                     {tr("Export\u2026"), [this] { askExport(); }},
                     {tr("Close and lose them"),
                      [this] {
                          m_closesAnyway = true;
                          close();
                      }}},
                    {}});
}

} // namespace nlbd::ui
