#include "ui/editor/past_page.h"

#include "core/base/utf8.h"
#include "ui/editor/page_layout.h"
#include "ui/editor/page_zoom.h"
#include "ui/parts.h"
#include "ui/people/avatar.h"
#include "ui/theme.h"
#include "ui/words_history.h"

#include <QHelpEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <utility>

namespace nlbd::ui {

namespace {

using What = api::PastRun::What;

constexpr int kGutterWidth = 48; ///< initials of those who changed a line
constexpr int kColumnMax = 680;
constexpr int kMarginTop = 20;
constexpr double kGone = 0.4; ///< of the page over what is there no more

} // namespace

/// Left of the text: a bar and initials beside lines that differ.
class PastPage::Gutter : public QWidget {
public:
    explicit Gutter(PastPage &page)
        : QWidget(&page)
        , m_page(page)
    {
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setFont(uiFont(10, QFont::DemiBold));
        const PagePainter page = m_page.painterFor(QRectF(m_page.viewport()->rect()));
        qreal named = -1; // the line that has initials already
        m_page.eachShown(page, [&](const Change &change, const PagePainter::Part &part) {
            const CaretLook look = m_page.lookOf(change.run.member);
            const QColor paint = theme().people[look.colour % 8U];
            painter.fillRect(QRectF(width() - 9, part.rect.top(), 3, part.rect.height()), paint);
            if (std::exchange(named, part.rect.top()) == part.rect.top())
                return;
            painter.setPen(paint);
            painter.drawText(QRectF(0, part.rect.top(), width() - 13, part.rect.height()),
                             Qt::AlignRight | Qt::AlignVCenter, initialsOf(look.fullName));
        });
    }

private:
    PastPage &m_page;
};

PastPage::PastPage(QWidget *parent)
    : QPlainTextEdit(parent)
    , m_past(std::make_shared<const api::PastText>())
{
    auto *page = new QTextDocument(this);
    m_layout = new PageLayout(page, m_looks, *viewport());
    page->setDocumentLayout(m_layout);
    page->setDocumentMargin(0);
    m_looks.assign(0);
    setDocument(page);
    setFrameShape(QFrame::NoFrame);
    setUndoRedoEnabled(false);
    setReadOnly(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setCursorWidth(2);
    setFont(textFont());
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setTabChangesFocus(true);
    setAccessibleName(tr("The page as it was"));
    m_gutter = new Gutter(*this);
    connect(this, &QPlainTextEdit::updateRequest, m_gutter,
            [this](const QRect &, int) { m_gutter->update(); });
    connect(&PageZoom::instance(), &PageZoom::changed, this, [this] {
        setFont(textFont());
        layMargins();
        m_layout->restyle(0, document()->characterCount());
    });
    PageZoom::instance().follow(*this);
    layMargins();
}

PastPage::~PastPage() = default;

void PastPage::setPeople(const std::vector<api::Person> &people)
{
    m_people.clear();
    for (const api::Person &person : people) {
        const QString name = QString::fromUtf8(person.name);
        m_people.insert(
            person.member.value,
            {name.section(QStringLiteral(" "), 0, 0), person.colour, hasSecondRing(person), name});
    }
    viewport()->update();
    m_gutter->update();
}

CaretLook PastPage::lookOf(MemberIndex member) const
{
    CaretLook look = m_people.value(member.value);
    if (look.fullName.isEmpty())
        look.fullName = tr("someone unknown");
    return look;
}

// ---- what is shown ---------------------------------------------------------------------------

void PastPage::showPast(const api::PastTextTold &told)
{
    m_past = told.past;
    m_against = told.against;
    fill();
}

void PastPage::showNothing()
{
    m_past = std::make_shared<const api::PastText>();
    fill();
}

void PastPage::setDifferences(bool areShown)
{
    if (std::exchange(m_hasDifferences, areShown) != areShown)
        fill();
}

/// What is not of the text as it was, where only that is shown.
bool PastPage::isHidden(const api::PastRun &run) const
{
    const What other = m_against == api::AskPastText::Against::Before ? What::Removed : What::Added;
    return !m_hasDifferences && run.what == other;
}

/// The text is told with both sides in it: where differences are not wanted, it is put together
/// without what is of the other side.
void PastPage::fill()
{
    Utf16Map whole;
    const QString all = QString::fromUtf8(m_past->text);
    whole.assign(all);
    struct Hole {
        qsizetype from = 0;
        qsizetype to = 0;
    };
    std::vector<Hole> holes;
    for (const api::PastRun &run : m_past->runs)
        if (isHidden(run))
            holes.push_back({whole.unitAt(run.from), whole.unitAt(run.to)});
    QString text;
    std::vector<qsizetype> gone; // units left out before and with each hole
    qsizetype at = 0;
    qsizetype sum = 0;
    for (const Hole &hole : holes) {
        text += QStringView(all).sliced(at, hole.from - at);
        at = hole.to;
        gone.push_back(sum += hole.to - hole.from);
    }
    text += QStringView(all).sliced(at);
    const auto placeOf = [&](TextOffset scalar) {
        const qsizetype unit = whole.unitAt(scalar);
        const auto after = std::ranges::upper_bound(holes, unit, {}, &Hole::from);
        if (after == holes.begin())
            return unit;
        const auto index = static_cast<std::size_t>(after - holes.begin()) - 1;
        return std::max(unit, holes[index].to) - gone[index];
    };
    m_text.assign(text);
    m_looks.assign(text.size());
    m_looks.setLast(m_past->looks.last.value_or(Attributes()));
    for (const api::Look &look : m_past->looks.letters)
        m_looks.set(placeOf(look.from), placeOf(look.to), look.attributes);
    m_changes.clear();
    m_places.clear();
    for (const api::PastRun &run : m_past->runs) {
        if (!m_hasDifferences || isHidden(run))
            continue;
        m_changes.push_back({placeOf(run.from), placeOf(run.to), run});
        const Change &change = m_changes.back();
        if (!m_places.empty() && m_places.back().second == change.from)
            m_places.back().second = change.to;
        else
            m_places.emplace_back(change.from, change.to);
    }
    setPlainText(shownAs(text));
    m_gutter->update();
}

/// Letters of the text as it was before a place of what is shown.
TextOffset PastPage::pastOffset(qsizetype unit) const
{
    const What other = m_against == api::AskPastText::Against::Before ? What::Removed : What::Added;
    TextOffset offset = m_text.scalarAt(unit);
    for (const Change &change : m_changes) {
        if (change.from >= unit)
            break;
        if (change.run.what == other)
            offset -= m_text.scalarAt(std::min(change.to, unit)) - m_text.scalarAt(change.from);
    }
    return m_past->pastFrom + offset;
}

std::optional<api::RestorePast::Part> PastPage::selectedPart() const
{
    const QTextCursor cursor = textCursor();
    const api::RestorePast::Part part{pastOffset(cursor.selectionStart()),
                                      pastOffset(cursor.selectionEnd())};
    return part.from < part.to ? std::optional(part) : std::nullopt;
}

bool PastPage::goToDifference(int step)
{
    if (m_places.empty())
        return false;
    const QTextCursor now = textCursor();
    const auto after =
        std::ranges::lower_bound(m_places, step > 0 ? now.selectionEnd() : now.selectionStart(), {},
                                 &std::pair<qsizetype, qsizetype>::first);
    std::size_t index = static_cast<std::size_t>(after - m_places.begin());
    if (step < 0)
        index = index == 0 ? m_places.size() - 1 : index - 1;
    else if (index == m_places.size())
        index = 0;
    QTextCursor cursor(document());
    cursor.setPosition(static_cast<int>(m_places[index].first));
    cursor.setPosition(static_cast<int>(m_places[index].second), QTextCursor::KeepAnchor);
    setTextCursor(cursor);
    centerCursor();
    return true;
}

const PastPage::Change *PastPage::changeAt(qsizetype unit) const
{
    const auto after = std::ranges::upper_bound(m_changes, unit, {}, &Change::from);
    if (after == m_changes.begin() || unit >= std::prev(after)->to)
        return nullptr;
    return &*std::prev(after);
}

QString PastPage::wordsOf(const Change &change) const
{
    return words::pastRun(
        change.run, lookOf(change.run.member).fullName,
        m_text.slice(change.from, std::min<qsizetype>(change.to - change.from, 80)),
        QDateTime::currentDateTime());
}

QString PastPage::wordsAtCaret() const
{
    const Change *change = changeAt(textCursor().selectionStart());
    return change == nullptr ? QString() : wordsOf(*change);
}

// ---- how it is drawn -------------------------------------------------------------------------

void PastPage::layMargins()
{
    const int free = width() - 14;
    const int widest = static_cast<int>(kColumnMax * PageZoom::instance().factor());
    const int column = std::min(widest, std::max(120, free - kGutterWidth - 24));
    const int left = std::max(kGutterWidth, (free - column) / 2);
    setViewportMargins(left, kMarginTop, std::max(0, free - left - column), 0);
    m_gutter->setGeometry(left - kGutterWidth, kMarginTop, kGutterWidth,
                          std::max(0, height() - kMarginTop));
}

void PastPage::resizeEvent(QResizeEvent *event)
{
    layMargins();
    QPlainTextEdit::resizeEvent(event);
}

void PastPage::changeEvent(QEvent *event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::StyleChange && font() != textFont())
        setFont(textFont());
    if (m_gutter == nullptr
        || (event->type() != QEvent::StyleChange && event->type() != QEvent::PaletteChange))
        return;
    m_layout->restyle(0, document()->characterCount());
    m_gutter->update();
}

bool PastPage::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        const Change *change = changeAt(cursorForPosition(help->pos()).position());
        QToolTip::showText(help->globalPos(),
                           change == nullptr ? QString() : plainToolTip(wordsOf(*change)), this);
        return true;
    }
    return QPlainTextEdit::viewportEvent(event);
}

PagePainter PastPage::painterFor(QRectF clip) const
{
    std::vector<PagePainter::Shown> shown;
    std::array<int, BlockStyle::kIndentMax + 1> numbers{};
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QRectF rect = blockBoundingGeometry(block).translated(contentOffset());
        if (rect.top() > clip.bottom())
            break;
        const BlockStyle style = m_layout->styleOf(block);
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
    }
    return {std::move(shown), m_marks, m_nobody, clip, 0};
}

/// use(change, part) for all that is on the screen.
template <typename Use>
void PastPage::eachShown(const PagePainter &page, Use use) const
{
    const auto [from, to] = page.shownRange();
    auto it = std::ranges::partition_point(
        m_changes, [from = from](const Change &change) { return change.to <= from; });
    for (; it != m_changes.end() && it->from < to; ++it)
        page.eachPart(it->from, it->to, [&](const PagePainter::Part &part) { use(*it, part); });
}

void PastPage::paintEvent(QPaintEvent *event)
{
    const PagePainter page = painterFor(QRectF(viewport()->rect()));
    {
        QPainter painter(viewport());
        page.paintBlocks(painter);
        paintUnder(painter, page);
    }
    QPlainTextEdit::paintEvent(event);
    QPainter painter(viewport());
    paintOver(painter, page);
}

void PastPage::paintUnder(QPainter &painter, const PagePainter &page) const
{
    eachShown(page, [&](const Change &change, const PagePainter::Part &part) {
        if (change.run.what != What::Added)
            return;
        const QColor person = theme().people[lookOf(change.run.member).colour % 8U];
        painter.fillRect(part.rect.adjusted(0, 1, part.endsLine ? 5 : 0, -1),
                         blend(person, theme().page, theme().tint / 2));
    });
}

void PastPage::paintOver(QPainter &painter, const PagePainter &page) const
{
    eachShown(page, [&](const Change &change, const PagePainter::Part &part) {
        const QColor person = theme().people[lookOf(change.run.member).colour % 8U];
        QColor veil = theme().page;
        veil.setAlphaF(static_cast<float>(kGone));
        const qreal right = part.rect.right() + (part.endsLine ? 5 : 0);
        const auto line = [&](qreal y, Qt::PenStyle style, qreal width) {
            painter.setPen(QPen(person, width, style, Qt::FlatCap));
            painter.drawLine(QPointF(part.rect.left(), y), QPointF(right, y));
        };
        switch (change.run.what) {
        case What::Added:
            line(part.baseline + 4.5, Qt::SolidLine, 2);
            break;
        case What::Removed:
            painter.fillRect(part.rect, veil);
            line(part.baseline - part.rect.height() * 0.17, Qt::SolidLine, 1.6);
            break;
        case What::Formatted:
            line(part.baseline + 4.5, Qt::DotLine, 2);
            break;
        }
    });
}

} // namespace nlbd::ui
