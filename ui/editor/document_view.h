#pragma once

#include "core/api/command.h"
#include "core/api/event.h"
#include "ui/editor/block_style.h"
#include "ui/editor/page_looks.h"
#include "ui/editor/page_marks.h"
#include "ui/editor/page_painter.h"
#include "ui/editor/page_stand.h"
#include "ui/editor/pending_edits.h"
#include "ui/editor/utf16_map.h"

#include <QElapsedTimer>
#include <QPlainTextEdit>
#include <QPointer>
#include <QTimer>

#include <deque>
#include <variant>

class QAction;
class QMenu;

namespace nlbd::ui {

class PageClipboard;
class PageLayer;
class PageLayout;
class WorkspaceBridge;
struct PageChange;
struct UnitEdit;

/// The page: one document, edited by many.
/// The widget's text changes at once when its person types; the change is read from the widget,
/// narrowed (unit_edit) and sent on. Others' patches are gathered for a frame, or while an input
/// method composes, carried over what is under way (pending_edits) and applied in one step that
/// leaves caret, selection and the line being read where they are.
class DocumentView : public QPlainTextEdit {
    Q_OBJECT

public:
    static constexpr qsizetype kPasteBytesMax = 10 * 1024 * 1024; ///< more is imported as a file

    explicit DocumentView(WorkspaceBridge &bridge, QWidget *parent = nullptr);
    ~DocumentView() override;

    /// Shows another document; what was shown before is closed. Read-only until it has arrived.
    void open(DocIndex doc);
    void leave();
    void comeBack(DocIndex doc, int caret); ///< where it stands when this is opened next
    [[nodiscard]] std::optional<DocIndex> shownDocument() const { return m_doc; }
    [[nodiscard]] bool isOpen() const { return m_isOpen && m_unshown.isEmpty(); } ///< all of it
    void setPeople(const std::vector<api::Person> &people); ///< names and colours for carets
    void setUndoActions(QAction *undo, QAction *redo); ///< for the menu; the window has the keys
    void takeBack();
    void doAgain();
    void cut();                        ///< instead of the base's; struck while it suggests
    void pastePlain();                 ///< words alone
    void setSuggesting(bool suggests); ///< letters that should go then stay, struck through
    [[nodiscard]] bool isSuggesting() const { return m_suggests; }
    // ---- Formats: document_view_styles.cpp -----------------------------------------------------
    /// Sets a format of the selected letters, or takes it away where all have it; without a
    /// selection it is for what is typed next.
    void toggleMark(const char *key);
    void toggleBlock(BlockStyle::Kind kind); ///< of the selection; paragraphs where all are it
    void shiftItems(int by);                 ///< list items further in or out
    void toggleDone(); ///< the tasks of the selection are done, or if all are, not
    /// How letters typed at the caret would look, and what its block is: for buttons.
    [[nodiscard]] Attributes marksAtCaret() const;
    [[nodiscard]] BlockStyle blockAtCaret() const;
    bool change(const PageChange &change); ///< one step for undo; false if it can't be now

    // ---- For what works on the page: document_view_tools.cpp -----------------------------------
    void addLayer(PageLayer &layer); ///< drawn with the page until it is taken away; borrowed
    void removeLayer(PageLayer &layer);
    /// Replaces places of the text as it is shown now, in order, apart and within lines, each by a
    /// patch of its own, as one step for undo. What comes looks as the first letter of what goes;
    /// caret and the line being read stay. Not while an input method composes, nor more than may be
    /// pasted. Returns how many were replaced.
    std::size_t replaceAll(const std::vector<UnitEdit> &places);
    /// The text as the core knows it, in pieces that may be read on any thread.
    [[nodiscard]] QStringList textPieces() const { return m_text.pieces(); }
    [[nodiscard]] QString textBetween(qsizetype from, qsizetype to) const; ///< in UTF-16 units
    [[nodiscard]] const PageLooks &looks() const { return m_looks; }
    [[nodiscard]] const PendingEdits &pending() const { return m_pending; }
    [[nodiscard]] const PageMarks &marks() const { return m_marks; }
    [[nodiscard]] PageMarks &marks() { return m_marks; }
    [[nodiscard]] QString nameOf(DeviceIndex device) const; ///< of its member, or empty
    /// [from, to) as the engine is asked about it; nothing while no text is open.
    [[nodiscard]] std::optional<api::Passage> passage(qsizetype from, qsizetype to) const;
    /// Uses an answer when all before it is on the page; placesOf() then holds.
    void inOrder(std::uint64_t includesSerial, std::function<void()> use);
    [[nodiscard]] std::pair<qsizetype, qsizetype> placesOf(TextOffset from, TextOffset to) const;
    void showAuthors(bool isShown); ///< bars, from what marks().authors() knows
    [[nodiscard]] PageClipboard &clipboard() { return *m_clipboard; }
    [[nodiscard]] static QStringList filesIn(const QMimeData *source); ///< to be attached
    [[nodiscard]] static bool hasMedia(const QMimeData &source);       ///< files or a picture
    [[nodiscard]] QVariant inputMethodQuery(Qt::InputMethodQuery query) const override;
Q_SIGNALS:
    void opened();
    void textTouched();                 ///< the text differs, whoever did it
    void edited();                      ///< by its own person
    void told(const QString &sentence); ///< something could not be done; a whole one
    void looksTouched();                ///< what marksAtCaret() and blockAtCaret() say may differ
    void caretsTouched();               ///< somebody's caret came, moved or went
    /// This person's edit, narrowed to what really changed, after it.
    void editedAt(qsizetype at, const QString &removed, const QString &inserted);
    /// What came from elsewhere, an undo of this person as well, part by part, each after it.
    void patched(qsizetype at, const QString &removed, const QString &inserted,
                 nlbd::api::PatchCause cause);
    void menuAsked(QMenu &menu, qsizetype place); ///< that of the text; who listens may add to it
    void mediaGiven(const QMimeData &source);     ///< files or a picture, dropped or pasted
    void copying(QMimeData *mime, qsizetype from, qsizetype to) const; ///< or dragging
    /// Or dropped, before the engine hears of it: who listens may say more of it.
    void pasted(qsizetype at, const QString &text, std::vector<nlbd::api::Styling> &stylings);

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void inputMethodEvent(QInputMethodEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    bool viewportEvent(QEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void changeEvent(QEvent *event) override;
    [[nodiscard]] QMimeData *createMimeDataFromSelection() const override;
    void insertFromMimeData(const QMimeData *source) override;
    [[nodiscard]] bool canInsertFromMimeData(const QMimeData *source) const override;

private:
    friend class PageClipboard;
    friend class StandKeeper;
    class Gutter;
    enum class Step : std::uint8_t { New, GoesOn }; ///< for undo
    using Arrival = std::variant<api::TextPatched, api::AgreementChanged, api::CaretMoved,
                                 std::function<void()>>;
    void readChange(int position, int removed, int added);
    void sendEdit(qsizetype at, qsizetype removed, QString inserted);
    void removeGrapheme(Qt::Key key);
    [[nodiscard]] bool strikeByKey(QKeyEvent *event);
    void strikeSelection();
    void strike(QTextCursor cursor, Qt::Key key);
    void keepOffPairs();
    void caretWasMoved();
    void sendCaret();
    void endGroup();
    using Stylings = std::vector<api::Styling>;
    void styleInserted(qsizetype at, const QString &inserted, Stylings &stylings);
    void keepFirstBlock(qsizetype at, const BlockStyle &first, Stylings &stylings);
    [[nodiscard]] qsizetype endOfBlock(qsizetype at) const;
    void put(qsizetype from, qsizetype to, const AttributeChanges &changes, Stylings &stylings);
    void putBlock(qsizetype ending, const BlockStyle &style, Stylings &stylings);
    void send(TextPatches patches, Stylings stylings, Step step = Step::New);
    void sendStylings(Stylings stylings);
    [[nodiscard]] BlockStyle styleOf(const QTextBlock &block) const;
    [[nodiscard]] Attributes wanted(qsizetype from, qsizetype to, Attributes attributes) const;
    void toggleDone(std::vector<QTextBlock> tasks);
    [[nodiscard]] std::vector<QTextBlock> selectedBlocks() const;
    void takeLooks(const api::Looks &looks);
    [[nodiscard]] bool breakBlock();
    [[nodiscard]] bool leaveBlock();
    void readShorthand(const QString &typed);
    void readBlockShorthand(const QTextBlock &block, int caret);
    void readMarkShorthand(const QTextBlock &block, int caret);
    void removeUnits(qsizetype from, qsizetype to);
    void restyleTouched();
    void restyleAsOne();
    void start(const api::DocumentOpened &event);
    void showText(const QString &text, const api::Looks &looks = {});
    void fill();
    [[nodiscard]] QString takeUnshown(qsizetype units);
    void finishOpening();
    template <typename Event>
    void takeIn(const Event &event);
    void queue(Arrival arrival);
    void settleArrivals();
    void applyTexts(std::deque<Arrival> &arrivals);
    void settleComposition();
    void leaveComposition();
    void endComposition();
    void applyArrival(const Arrival &arrival, QTextCursor &cursor, PageStand &stand);
    void applyPatched(const api::TextPatched &event, QTextCursor &cursor, PageStand &stand);
    void applyAgreement(const api::AgreementChanged &event);
    void applyCaret(const api::CaretMoved &event);
    void showHint();
    [[nodiscard]] bool isComposing() const;
    [[nodiscard]] Gutter *makeGutter();
    void wrapFor(QStringView text);
    void gutterNeedsPaint(const QRect &rect, int dy);
    void layMargins();
    void rescale();
    [[nodiscard]] PagePainter painterFor(QRectF clip) const;
    TextPatch replaceOne(const UnitEdit &place, QTextCursor &cursor, Stylings &stylings);
    TextPatch replaceHere(const UnitEdit &place, QTextCursor &cursor);
    void repaintPage();
    void repaintNews();
    void awaitNextChange();

    WorkspaceBridge &m_bridge;
    std::optional<DocIndex> m_doc;
    std::uint64_t m_view = 0;
    bool m_isOpen = false;
    bool m_isApplying = false;
    bool m_hasOpenGroup = false;
    bool m_suggests = false;    ///< instead of writing
    bool m_awaitsLooks = false; ///< what is formatted is left to the engine to say
    bool m_wasEdit = false;     ///< the next move of the caret is typing's own
    api::EditText::Cause m_cause = api::EditText::Cause::Typing;

    Utf16Map m_text;
    PageLooks m_looks;
    PageLayout *m_layout = nullptr;          ///< of the document, which owns it
    std::optional<Attributes> m_typingMarks; ///< chosen for what is typed next at the caret
    std::optional<BlockBreak> m_break;       ///< of the line break that comes now
    std::vector<std::pair<qsizetype, qsizetype>> m_restyled; ///< not laid out anew yet
    PendingEdits m_pending;
    std::uint64_t m_opening = 0; ///< of the last DocumentOpened
    PageMarks m_marks;
    QHash<std::uint16_t, CaretLook> m_people;
    std::vector<PageLayer *> m_layers;
    std::optional<DeviceIndex> m_hovered;
    std::vector<PagePainter::Picture> m_painted; ///< beside the text, at the last paint
    QString m_shown;                             ///< while a long text is being filled in
    QStringView m_unshown;                       ///< what of it is not on the page yet
    QTimer m_fillTimer;
    std::deque<Arrival> m_arrivals;
    QElapsedTimer m_clock;
    qint64 m_lastSettled = 0;
    QTimer m_settleTimer;
    QTimer m_composeTimer;
    QTextCursor m_composed; ///< where something is being composed, or was; null otherwise
    QTimer m_caretTimer;
    bool m_isCaretTold = false; ///< since the document was opened
    QTimer m_repaintTimer;
    QHash<std::uint32_t, int> m_lastCarets; ///< per document, for coming back
    StandKeeper m_stand{*this};
    Gutter *m_gutter = nullptr;
    PageClipboard *m_clipboard = nullptr; ///< a child
    QPointer<QAction> m_undo;
    QPointer<QAction> m_redo;
};

} // namespace nlbd::ui
