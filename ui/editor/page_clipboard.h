#pragma once

#include "ui/clipboard/clip.h"

#include "core/api/command.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <vector>

class QDropEvent;
class QTextCursor;

namespace nlbd::ui {

class DocumentView;

/// What goes from a page to the clipboard and comes from there, or is dragged. Everything that
/// comes is put in as words, formats and blocks of our own, never as the HTML of others.
///
/// A large paste comes in parts, each some milliseconds of work, between which the window lives on;
/// meanwhile nothing else is typed on the page, and others' edits come in as ever. One undo takes
/// back all of it.
class PageClipboard : public QObject {
    Q_OBJECT

public:
    using Cause = api::EditText::Cause;
    static constexpr qsizetype kPartUnits = 16'000; ///< at once: a few milliseconds

    explicit PageClipboard(DocumentView &page);
    ~PageClipboard() override;

    /// What is selected; the caller owns it.
    [[nodiscard]] Clip *copied() const;
    /// [from, to) of the page.
    [[nodiscard]] Fragment taken(qsizetype from, qsizetype to) const;

    /// Puts it in place of the selection; in code as words. What is too large is left alone, and
    /// told.
    void paste(const QMimeData &source, PasteAs how, Cause cause = Cause::Paste);
    void insert(Fragment fragment, Cause cause);

    /// What is dropped on the page at its place. A part of the same page moves there as one step.
    void drop(const QDropEvent &event);
    /// [from, to) goes to `place`, in one edit.
    void move(qsizetype from, qsizetype to, qsizetype place);

    /// A paste is under way.
    [[nodiscard]] bool isBusy() const { return m_job != nullptr; }
    /// Ends it: what is on the page already stays, until undo takes it back. True if a rest is not.
    bool stop();
    void stopAndTell();

Q_SIGNALS:
    void progressed(const QString &sentence); ///< empty: it is over

private:
    struct Job;
    [[nodiscard]] bool fits(const Fragment &fragment) const;
    void goOn();
    void part();
    void patched(qsizetype at, const QString &removed, const QString &inserted);
    [[nodiscard]] qsizetype endOfPart() const;
    void begin(qsizetype at, Fragment fragment, Cause cause);
    void run();
    void suggestMove(qsizetype from, qsizetype to, qsizetype place);
    void takeOut(TextPatches &patches, QTextCursor &cursor);
    void style(qsizetype at, qsizetype from, qsizetype to, std::vector<api::Styling> &stylings);
    void styleBlocks(qsizetype at, qsizetype from, qsizetype to,
                     std::vector<api::Styling> &stylings);
    void finish();

    DocumentView &m_page;
    std::unique_ptr<Job> m_job;
    QTimer m_timer;
};

} // namespace nlbd::ui
