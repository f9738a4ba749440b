#include "ui/editor/scroll_marks.h"

#include "ui/editor/document_view.h"
#include "ui/parts.h"
#include "ui/stamp.h"

#include <QAbstractTextDocumentLayout>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QStyle>
#include <QStyleOptionSlider>
#include <QTextBlock>
#include <QToolTip>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kMarkHeight = 4;
constexpr int kNear = 3; ///< pixels beside a mark that still are on it
constexpr int kShowTurns = 4;
constexpr int kMoveMillis = 60; ///< until marks are drawn where their words have moved to

int lastPlace(const QPlainTextEdit &page)
{
    return page.document()->characterCount() - 1;
}

QTextBlock blockAt(const QPlainTextEdit &page, qsizetype place)
{
    const auto inside = std::clamp<qsizetype>(place, 0, lastPlace(page));
    return page.document()->findBlock(static_cast<int>(inside));
}

/// The line of the document on which a place stands, in the scroll bar's counting.
int lineOf(const QTextBlock &block, qsizetype place)
{
    const QTextLayout &layout = *block.layout();
    const QTextLine line = layout.lineForTextPosition(static_cast<int>(place) - block.position());
    return block.firstLineNumber() + (line.isValid() ? line.lineNumber() : 0);
}

} // namespace

ScrollMarks::ScrollMarks(DocumentView &page)
    : QWidget(page.verticalScrollBar())
    , m_page(page)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAccessibleName(tr("Marks in the scroll bar"));
    QScrollBar *bar = page.verticalScrollBar();
    bar->installEventFilter(this);
    bar->setMouseTracking(true);
    setGeometry(bar->rect());
    m_moveTimer.setSingleShot(true);
    m_moveTimer.setInterval(kMoveMillis);
    connect(&m_moveTimer, &QTimer::timeout, this, &ScrollMarks::paintIfDifferent);
    connect(bar, &QScrollBar::rangeChanged, this, &ScrollMarks::moved);
    const auto follow = [this](qsizetype at, const QString &removed, const QString &inserted) {
        shift(at, removed.size(), inserted.size());
    };
    connect(&page, &DocumentView::editedAt, this, follow);
    connect(&page, &DocumentView::patched, this, follow);
    show();
}

void ScrollMarks::setLayer(const QString &name, Lane lane, std::vector<Mark> marks)
{
    if (marks.size() > kMarksMax) {
        std::vector<Mark> some;
        for (std::size_t i = 0; i < kMarksMax; ++i)
            some.push_back(std::move(marks[i * marks.size() / kMarksMax]));
        marks = std::move(some);
    }
    Layer &layer = m_layers[name];
    if (layer.lane == lane && layer.marks == marks)
        return;
    layer = {lane, std::move(marks)};
    changed();
}

void ScrollMarks::removeLayer(const QString &name)
{
    if (m_layers.erase(name) > 0)
        changed();
}

std::vector<ScrollMarks::Mark> ScrollMarks::layer(const QString &name) const
{
    const auto it = m_layers.find(name);
    return it == m_layers.end() ? std::vector<Mark>() : it->second.marks;
}

void ScrollMarks::shift(qsizetype at, qsizetype removed, qsizetype inserted)
{
    for (auto &[name, layer] : m_layers)
        for (Mark &mark : layer.marks)
            mark.place = placeAfter(mark.place, at, removed, inserted, Stick::Left);
    if (!m_layers.empty())
        moved();
}

/// However often that is, it is drawn after the first of them: whoever waits for a pause may wait
/// for ever while others write.
void ScrollMarks::moved()
{
    forgetRows();
    if (!m_moveTimer.isActive())
        m_moveTimer.start();
}

void ScrollMarks::changed()
{
    forgetRows();
    update();
}

/// What is drawn is measured when it is drawn.
void ScrollMarks::forgetRows()
{
    m_isLaidOut = false;
    m_rows.clear();
}

/// A paint of these is one of the whole scroll bar below them.
void ScrollMarks::paintIfDifferent()
{
    const auto isSame = [](const Row &row, const std::pair<QRect, QColor> &painted) {
        return row.rect == painted.first && row.mark->colour == painted.second;
    };
    if (!std::ranges::equal(rows(), m_painted, isSame))
        update();
}

int ScrollMarks::heightOf(qsizetype place) const
{
    const QScrollBar &bar = *m_page.verticalScrollBar();
    const int lines = std::max(1, bar.maximum() + bar.pageStep());
    const int line = std::min(lineOf(blockAt(m_page, place), place), lines - 1);
    const auto room = static_cast<qint64>(std::max(0, height() - kMarkHeight));
    return static_cast<int>(room * line / std::max(1, lines - 1));
}

const std::vector<ScrollMarks::Row> &ScrollMarks::rows()
{
    if (std::exchange(m_isLaidOut, true))
        return m_rows;
    for (const auto &[name, layer] : m_layers) {
        const int half = width() / 2;
        const int left = layer.lane == Lane::Right ? half : 1;
        const int right = layer.lane == Lane::Left ? half : width() - 1;
        for (const Mark &mark : layer.marks) {
            const QRect rect(left, heightOf(mark.place), right - left, kMarkHeight);
            const bool isThere = !m_rows.empty() && m_rows.back().rect == rect
                && m_rows.back().mark->colour == mark.colour;
            if (!isThere)
                m_rows.push_back({rect, &mark});
        }
    }
    return m_rows;
}

void ScrollMarks::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    m_painted.clear();
    for (const Row &row : rows()) {
        const QColor colour = row.mark->colour;
        paintStamp(painter, row.rect, QLatin1StringView("mark") + colour.name(QColor::HexArgb),
                   [&](QPainter &onStamp) {
                       onStamp.setPen(Qt::NoPen);
                       onStamp.setBrush(colour);
                       onStamp.drawRoundedRect(QRectF(QPointF(), row.rect.size()), 1.5, 1.5);
                   });
        m_painted.emplace_back(row.rect, colour);
    }
}

const ScrollMarks::Mark *ScrollMarks::markAt(QPoint place)
{
    const Mark *nearest = nullptr;
    int least = kNear + 1;
    for (const Row &row : rows()) {
        if (!row.rect.adjusted(-kNear, -kNear, kNear, kNear).contains(place))
            continue;
        const int away = std::abs(row.rect.center().y() - place.y());
        if (!nearest || away < least) {
            nearest = row.mark;
            least = away;
        }
    }
    return nearest;
}

/// Whoever takes the handle wants to scroll.
bool ScrollMarks::isOnHandle(QPoint place) const
{
    const QScrollBar &bar = *m_page.verticalScrollBar();
    QStyleOptionSlider option;
    option.initFrom(&bar);
    option.orientation = Qt::Vertical;
    option.minimum = bar.minimum();
    option.maximum = bar.maximum();
    option.pageStep = bar.pageStep();
    option.sliderPosition = option.sliderValue = bar.value();
    option.subControls = QStyle::SC_All;
    return bar.style()
        ->subControlRect(QStyle::CC_ScrollBar, &option, QStyle::SC_ScrollBarSlider, &bar)
        .contains(place);
}

bool ScrollMarks::eventFilter(QObject *watched, QEvent *event)
{
    auto *bar = qobject_cast<QScrollBar *>(watched);
    if (!bar)
        return false;
    if (event->type() == QEvent::Resize) {
        setGeometry(bar->rect());
        changed();
    } else if (event->type() == QEvent::MouseButtonPress) {
        const auto *press = static_cast<QMouseEvent *>(event);
        const QPoint at = press->position().toPoint();
        const Mark *mark = isOnHandle(at) ? nullptr : markAt(at);
        if (press->button() != Qt::LeftButton || !mark)
            return false;
        const qsizetype place = mark->place;
        showPlace(m_page, place);
        Q_EMIT pressed(place);
        return true;
    } else if (event->type() == QEvent::MouseMove) {
        const QPoint at = static_cast<QMouseEvent *>(event)->position().toPoint();
        bar->setCursor(markAt(at) && !isOnHandle(at) ? Qt::PointingHandCursor : Qt::ArrowCursor);
    } else if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const Mark *mark = markAt(help->pos());
        QToolTip::showText(help->globalPos(), mark ? plainToolTip(mark->words) : QString(), bar);
        return true;
    }
    return false;
}

bool isPlaceShown(const QPlainTextEdit &page, qsizetype place)
{
    QTextCursor cursor(page.document());
    cursor.setPosition(static_cast<int>(std::clamp<qsizetype>(place, 0, lastPlace(page))));
    const QRect line = page.cursorRect(cursor);
    const int slack = line.height() / 4; // tall letters stand out of their lines
    return line.top() >= -slack && line.bottom() <= page.viewport()->height() + slack;
}

void showPlace(QPlainTextEdit &page, qsizetype place)
{
    QScrollBar &bar = *page.verticalScrollBar();
    const QTextBlock block = blockAt(page, place);
    // Lines are counted as blocks are laid out, which scrolling itself does: look again.
    for (int i = 0; i < kShowTurns; ++i) {
        static_cast<void>(page.document()->documentLayout()->blockBoundingRect(block));
        const int line = lineOf(block, place);
        bar.setValue(line - bar.pageStep() / 2);
        if (isPlaceShown(page, place))
            return;
    }
}

} // namespace nlbd::ui
