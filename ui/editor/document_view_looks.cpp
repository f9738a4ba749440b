// The half of the view that paints: margins, marks, carets, the context menu.

#include "ui/editor/document_view.h"

#include "ui/editor/author_painter.h"
#include "ui/editor/page_layer.h"
#include "ui/editor/page_layout.h"
#include "ui/editor/page_zoom.h"
#include "ui/parts.h"
#include "ui/people/avatar.h"
#include "ui/theme.h"
#include "ui/words_authors.h"

#include <QAction>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kColumnMax = 680;           ///< 62 to 72 letters of the page font
constexpr int kGutterWidth = 64;          ///< room for the agreement marks
constexpr qsizetype kWordUnitsMax = 5000; ///< no language has longer words
constexpr int kBarRoom = 20;              ///< where the mouse is on a bar
constexpr int kBarGap = 9;                ///< between the bars of authors and the text
constexpr int kMarginTop = 28;
constexpr int kSignRoom = 32; ///< what is drawn above and below a block: names, what is being typed
constexpr int kNarrow = 640;  ///< below, the right margin gives way first

} // namespace

/// The strip left of the text: agreement, and bars of those who wrote the lines.
class DocumentView::Gutter : public QWidget {
public:
    explicit Gutter(DocumentView &view)
        : QWidget(&view)
        , m_view(view)
    {
        setMouseTracking(true);
    }

    void showAuthors(bool isShown)
    {
        m_hasAuthors = isShown;
        if (!isShown)
            m_tinted.reset();
    }
    /// Whose words are to be seen behind the text.
    [[nodiscard]] std::optional<MemberIndex> tinted() const { return m_tinted; }

protected:
    void paintEvent(QPaintEvent *) override;
    void mouseMoveEvent(QMouseEvent *event) override { hover(event->pos()); }
    bool event(QEvent *event) override;

private:
    [[nodiscard]] QString wordsAt(QPoint place) const;
    void hover(std::optional<QPoint> place);
    [[nodiscard]] PagePainter page() const
    {
        return m_view.painterFor(QRectF(m_view.viewport()->rect()));
    }
    [[nodiscard]] AuthorPainter authorsOn(const PagePainter &page) const
    {
        return {page, m_view.m_marks.authors(), m_view.m_people};
    }

    DocumentView &m_view;
    bool m_hasAuthors = false;
    std::optional<MemberIndex> m_tinted;
};

void DocumentView::Gutter::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const PagePainter shown = page();
    shown.paintGutter(painter, kGutterWidth - 27);
    if (m_hasAuthors)
        authorsOn(shown).paintBars(painter, kGutterWidth - kBarGap, kGutterWidth - 36);
    for (const PageLayer *layer : m_view.m_layers)
        layer->paintGutter(painter, shown);
}

bool DocumentView::Gutter::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        QToolTip::showText(help->globalPos(), wordsAt(help->pos()), this);
        return true;
    }
    if (event->type() == QEvent::Leave)
        hover(std::nullopt);
    return QWidget::event(event);
}

QString DocumentView::Gutter::wordsAt(QPoint place) const
{
    const PagePainter shown = page();
    if (!m_hasAuthors || place.x() < kGutterWidth - kBarRoom)
        return shown.gutterWords(place.y());
    QStringList sentences;
    for (const PageAuthors::Span *span : authorsOn(shown).writersAt(place.y()))
        sentences.append(words::wrote(*span, m_view.m_people.value(span->device.value).fullName,
                                      m_view.m_marks.authors().seats(),
                                      QDateTime::currentDateTime()));
    return sentences.isEmpty() ? QString() : plainToolTip(sentences.join(QChar(u'\n')));
}

/// On a bar: what the person of that line wrote is seen behind the text.
void DocumentView::Gutter::hover(std::optional<QPoint> place)
{
    std::optional<MemberIndex> tinted;
    if (m_hasAuthors && place && place->x() >= kGutterWidth - kBarRoom) {
        const PagePainter shown = page();
        const auto writers = authorsOn(shown).writersAt(place->y());
        if (!writers.empty())
            tinted = writers.front()->member;
    }
    if (std::exchange(m_tinted, tinted) != tinted)
        m_view.viewport()->update();
}

void DocumentView::showAuthors(bool isShown)
{
    m_gutter->showAuthors(isShown);
    repaintPage();
}

DocumentView::Gutter *DocumentView::makeGutter()
{
    return new Gutter(*this);
}

/// Looking for a word's end in a word of 100,000 letters takes Qt a second per key. Once a text has
/// such a word, it wraps at letters.
void DocumentView::wrapFor(QStringView text)
{
    if (wordWrapMode() == QTextOption::WrapAnywhere)
        return;
    qsizetype run = 0;
    for (const QChar unit : text) {
        run = unit.isSpace() ? 0 : run + 1;
        if (run > kWordUnitsMax) {
            setWordWrapMode(QTextOption::WrapAnywhere);
            return;
        }
    }
}

void DocumentView::layMargins()
{
    const int bar = 14;
    const int free = width() - bar;
    const int right = free < kNarrow ? 24 : 72;
    const int widest = static_cast<int>(kColumnMax * PageZoom::instance().factor());
    const int column = std::min(widest, std::max(120, free - kGutterWidth - right));
    const int left = std::max(kGutterWidth, (free - column) / 2);
    const int top = kMarginTop + m_stand.shift();
    setViewportMargins(left, top, std::max(0, free - left - column), 0);
    m_gutter->setGeometry(left - kGutterWidth, top, kGutterWidth, std::max(0, height() - top));
}

void DocumentView::resizeEvent(QResizeEvent *event)
{
    layMargins();
    QPlainTextEdit::resizeEvent(event);
    m_stand.movedTo(mapTo(window(), QPoint()).y());
}

void DocumentView::changeEvent(QEvent *event)
{
    QPlainTextEdit::changeEvent(event);
    // A style sheet of the application resets the font of what it touches.
    if (event->type() == QEvent::StyleChange && font() != textFont())
        setFont(textFont());
    // Formats of letters hold colours of the theme.
    if (event->type() == QEvent::StyleChange || event->type() == QEvent::PaletteChange)
        m_layout->restyleAll();
}

PagePainter DocumentView::painterFor(QRectF clip) const
{
    std::vector<PagePainter::Shown> shown;
    // The first item of each depth that is on the screen is counted, the others go on from it.
    std::array<int, BlockStyle::kIndentMax + 1> numbers{};
    QTextBlock block = firstVisibleBlock();
    QRectF rect = blockBoundingGeometry(block).translated(contentOffset());
    for (; block.isValid() && rect.top() <= clip.bottom(); block = block.next()) {
        rect = m_layout->blockBoundingRect(block).translated(rect.topLeft());
        const BlockStyle style = m_layout->shownStyle(block);
        const auto depth = static_cast<std::size_t>(style.indent);
        if (!style.isItem())
            numbers.fill(0);
        else
            std::fill(numbers.begin() + style.indent + 1, numbers.end(), 0);
        if (style.kind == BlockStyle::Kind::Number)
            numbers[depth] = numbers[depth] > 0 ? numbers[depth] + 1 : m_layout->numberOf(block);
        else
            numbers[depth] = 0;
        shown.push_back({block, rect, style, numbers[depth]});
        rect.moveTop(rect.bottom());
    }
    return {std::move(shown), m_marks, m_people, clip, m_clock.elapsed()};
}

void DocumentView::paintEvent(QPaintEvent *event)
{
    const PagePainter page = painterFor(QRectF(viewport()->rect()));
    const auto [first, last] = page.shownBlocks();
    m_layout->setPainted(first, last);
    m_painted = page.pictures();
    {
        QPainter painter(viewport());
        page.paintBlocks(painter);
        if (const auto member = m_gutter->tinted())
            AuthorPainter(page, m_marks.authors(), m_people).paintTint(painter, *member);
        page.paintTints(painter);
        for (const PageLayer *layer : m_layers)
            layer->paintUnder(painter, page);
    }
    QPlainTextEdit::paintEvent(event);
    QPainter painter(viewport());
    page.paintPencil(painter);
    for (const PageLayer *layer : m_layers)
        layer->paintOver(painter, page);
    painter.setRenderHint(QPainter::Antialiasing);
    page.paintPreviews(painter);
    page.paintCarets(painter, m_hovered);
}

void DocumentView::gutterNeedsPaint(const QRect &rect, int dy)
{
    m_gutter->update(dy == 0 ? QRect(0, rect.y(), m_gutter->width(), rect.height())
                             : m_gutter->rect());
}

void DocumentView::repaintPage()
{
    viewport()->update();
    m_gutter->update();
    awaitNextChange();
}

/// Paints what is drawn otherwise now than it was, beside the text, which sees to itself: what
/// others do where nobody looks costs no paint.
void DocumentView::repaintNews()
{
    awaitNextChange();
    const auto pictures = painterFor(QRectF(viewport()->rect())).pictures();
    const bool isInPlace = std::ranges::equal(pictures, m_painted, {}, &PagePainter::Picture::place,
                                              &PagePainter::Picture::place);
    if (!isInPlace) {
        viewport()->update();
        m_gutter->update();
        return;
    }
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        if (pictures[i].signs == m_painted[i].signs)
            continue;
        const auto [top, height] = pictures[i].place;
        const QRect band(0, static_cast<int>(top) - kSignRoom, viewport()->width(),
                         static_cast<int>(height) + 2 * kSignRoom);
        viewport()->update(band);
        m_gutter->update(0, band.y(), m_gutter->width(), band.height());
    }
}

void DocumentView::awaitNextChange()
{
    const qint64 next = m_marks.nextChange(m_clock.elapsed());
    if (next >= 0)
        m_repaintTimer.start(static_cast<int>(next));
}

void DocumentView::mousePressEvent(QMouseEvent *event)
{
    const QTextBlock task = painterFor(QRectF(viewport()->rect())).taskAt(event->position());
    if (event->button() == Qt::LeftButton && task.isValid() && !isReadOnly())
        toggleDone(std::vector<QTextBlock>{task});
    else
        QPlainTextEdit::mousePressEvent(event);
}

void DocumentView::mouseMoveEvent(QMouseEvent *event)
{
    QPlainTextEdit::mouseMoveEvent(event);
    const PagePainter page = painterFor(QRectF(viewport()->rect()));
    const bool isOnBox = page.taskAt(event->position()).isValid();
    viewport()->setCursor(isOnBox ? Qt::PointingHandCursor : Qt::IBeamCursor);
    if (m_marks.carets().empty())
        return;
    const auto hovered = page.caretAt(event->position());
    if (hovered != m_hovered) {
        m_hovered = hovered;
        viewport()->update();
    }
}

bool DocumentView::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::Leave && m_hovered) {
        m_hovered.reset();
        viewport()->update();
    }
    return QPlainTextEdit::viewportEvent(event);
}

void DocumentView::setPeople(const std::vector<api::Person> &people)
{
    m_people.clear();
    for (const api::Person &person : people) {
        const QString name = QString::fromUtf8(person.name);
        m_people.insert(
            person.device.value,
            {name.section(QChar(u' '), 0, 0), person.colour, hasSecondRing(person), name});
        if (person.standing == api::Person::Standing::Gone) // nobody writes here any more
            m_marks.setCaret(person.device, std::nullopt);
    }
    repaintPage();
}

void DocumentView::setUndoActions(QAction *undo, QAction *redo)
{
    m_undo = undo;
    m_redo = redo;
}

/// Qt tells places in the viewport, and takes them for places in the widget, which has margins.
QVariant DocumentView::inputMethodQuery(Qt::InputMethodQuery query) const
{
    const QVariant answer = QPlainTextEdit::inputMethodQuery(query);
    if (query != Qt::ImCursorRectangle && query != Qt::ImAnchorRectangle)
        return answer;
    return answer.toRectF().translated(viewport()->pos());
}

void DocumentView::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu(this);
    const bool isByKey = event->reason() == QContextMenuEvent::Keyboard;
    const QPoint place = viewport()->mapFromGlobal(event->globalPos());
    Q_EMIT menuAsked(menu, (isByKey ? textCursor() : cursorForPosition(place)).position());
    if (!menu.isEmpty())
        menu.addSeparator();
    if (m_undo && m_redo) {
        menu.addAction(m_undo);
        menu.addAction(m_redo);
        menu.addSeparator();
    }
    const bool hasSelection = textCursor().hasSelection();
    const auto add = [&menu](const QString &text, QKeySequence::StandardKey key, bool isEnabled) {
        QAction *action = menu.addAction(text);
        action->setShortcut(key);
        action->setEnabled(isEnabled);
        return action;
    };
    connect(add(tr("Cut"), QKeySequence::Cut, hasSelection && !isReadOnly()), &QAction::triggered,
            this, &DocumentView::cut);
    connect(add(tr("Copy"), QKeySequence::Copy, hasSelection), &QAction::triggered, this,
            &DocumentView::copy);
    connect(add(tr("Paste"), QKeySequence::Paste, canPaste()), &QAction::triggered, this,
            &DocumentView::paste);
    QAction *plain = menu.addAction(tr("Paste as plain text"));
    plain->setShortcut(QKeySequence(tr("Ctrl+Shift+V")));
    plain->setEnabled(canPaste());
    connect(plain, &QAction::triggered, this, &DocumentView::pastePlain);
    connect(add(tr("Select all"), QKeySequence::SelectAll, true), &QAction::triggered, this,
            &DocumentView::selectAll);
    menu.exec(event->globalPos());
}

} // namespace nlbd::ui
