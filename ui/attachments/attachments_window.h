#pragma once

#include "ui/words.h"

#include <QDialog>

#include <functional>
#include <map>

class QLabel;
class QProgressBar;
class QPushButton;
class QTableWidget;
class QUrl;

namespace nlbd::ui {

class WorkspaceBridge;

/// The files that are attached to the document on the page: what is here, what comes and from
/// whom, what is not on this computer yet. The disk is never touched from here: files are named,
/// and the core reads and writes them.
class AttachmentsWindow : public QDialog {
    Q_OBJECT

public:
    AttachmentsWindow(WorkspaceBridge &bridge, QWidget *parent = nullptr);

    enum Column { Name, Size, From, State, kColumns };

    void setPeople(const words::People &people);
    void setDocument(DocIndex doc, const QString &title);
    /// Whether this computer may write, by what is decided.
    void setMayWrite(bool mayWrite);
    [[nodiscard]] std::size_t count() const noexcept { return m_shown.size(); }

    /// Asks for files and attaches them; these, if they are named already.
    void askFiles();
    void attach(const QStringList &files);

    /// Whether it is seen elsewhere that this was attached: then nothing is told.
    using IsShown = std::function<bool(const api::FileAttached &)>;
    void setIsShown(IsShown isShown) { m_isShown = std::move(isShown); }

    /// What starts a program on a file; the system's way unless a test sets another.
    using Opener = std::function<void(const QUrl &)>;
    void setOpener(Opener opener) { m_opener = std::move(opener); }

Q_SIGNALS:
    /// A whole sentence for a banner. `isGood`: it is done.
    void told(const QString &html, bool isGood);
    void changed(); ///< other files than before, or their states

private:
    void makeTable();
    QPushButton *addButton(const QString &text, void (AttachmentsWindow::*use)());
    void attachmentsChanged(const api::AttachmentsChanged &event);
    void fill();
    void fillRow(int row, const api::AttachmentInfo &info);
    void showCurrent();
    void fetch();
    void saveAs();
    void openCurrent();
    void openCopy(const api::AttachmentInfo &info);
    void takeOff();
    void saved(const api::AttachmentSaved &event);
    void failed(const api::AttachmentFailed &event);
    [[nodiscard]] const api::AttachmentInfo *current() const;

    WorkspaceBridge &m_bridge;
    words::People m_people;
    std::vector<api::AttachmentInfo> m_all;
    std::vector<api::AttachmentInfo> m_shown; ///< of the document
    std::optional<DocIndex> m_doc;
    QString m_title;
    bool m_mayWrite = true;
    std::map<std::string, Hash> m_opening; ///< copies that are opened when they are written
    Opener m_opener;
    IsShown m_isShown;

    QLabel *m_head = nullptr;
    QTableWidget *m_table = nullptr;
    QLabel *m_empty = nullptr;
    QProgressBar *m_progress = nullptr;
    QLabel *m_working = nullptr; ///< what is attached or saved now
    QLabel *m_detail = nullptr;
    QPushButton *m_attach = nullptr;
    QPushButton *m_fetch = nullptr;
    QPushButton *m_save = nullptr;
    QPushButton *m_open = nullptr;
    QPushButton *m_takeOff = nullptr;
};

} // namespace nlbd::ui
