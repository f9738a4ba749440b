#include "ui/outline/outline_panel.h"

#include "ui/editor/document_view.h"
#include "ui/editor/scroll_marks.h"
#include "ui/parts.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QTreeWidget>

namespace nlbd::ui {

namespace {

constexpr int kWidth = 220;

void setCurrentLook(QTreeWidgetItem *item, bool isCurrent)
{
    QFont font = item->font(0);
    font.setBold(isCurrent);
    item->setFont(0, font);
    item->setData(0, Qt::AccessibleDescriptionRole,
                  isCurrent ? OutlinePanel::tr("The caret is in this part") : QString());
}

} // namespace

OutlinePanel::OutlinePanel(DocumentView &page, QWidget *parent)
    : QWidget(parent)
    , m_page(page)
    , m_index(page)
    , m_tree(new QTreeWidget)
{
    setObjectName(QStringLiteral("outline"));
    setAttribute(Qt::WA_StyledBackground);
    setFixedWidth(kWidth);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 4, 8);
    column->setSpacing(6);
    column->addWidget(makeLabel(tr("Outline"), "caption"));
    m_blank = makeSentence(tr("No headings yet. # and a blank at the start of a line makes one."),
                           "muted");
    column->addWidget(m_blank);
    m_tree->setAccessibleName(tr("Headings of this document"));
    m_tree->setHeaderHidden(true);
    m_tree->setColumnCount(1);
    m_tree->setUniformRowHeights(true);
    m_tree->setTextElideMode(Qt::ElideRight);
    m_tree->setIndentation(14);
    m_tree->setExpandsOnDoubleClick(false);
    column->addWidget(m_tree, 1);
    setFocusProxy(m_tree);
    connect(m_tree, &QTreeWidget::itemClicked, this, &OutlinePanel::go);
    connect(m_tree, &QTreeWidget::itemActivated, this, &OutlinePanel::go);
    connect(&m_index, &HeadingIndex::changed, this, &OutlinePanel::showHeadings);
    connect(&page, &QPlainTextEdit::cursorPositionChanged, this, &OutlinePanel::showCurrent);
}

void OutlinePanel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    showHeadings();
}

/// The tree is made anew only where its shape differs: who types in a heading changes one row.
void OutlinePanel::showHeadings()
{
    if (!isVisible())
        return;
    const auto &headings = m_index.headings();
    std::vector<int> levels;
    levels.reserve(headings.size());
    for (const HeadingIndex::Heading &heading : headings)
        levels.push_back(heading.level);
    if (levels != m_levels) {
        m_levels = std::move(levels);
        build();
    }
    for (std::size_t i = 0; i < headings.size(); ++i) {
        if (m_items[i]->text(0) == headings[i].text)
            continue;
        m_items[i]->setText(0, headings[i].text);
        m_items[i]->setToolTip(0, plainToolTip(headings[i].text));
    }
    m_blank->setVisible(headings.size() <= 1);
    showCurrent();
}

void OutlinePanel::build()
{
    m_tree->clear();
    m_items.clear();
    m_current = nullptr;
    std::vector<QTreeWidgetItem *> above; // the last item of each level that is still open
    std::vector<int> aboveLevels;
    QList<QTreeWidgetItem *> tops;
    for (const int level : m_levels) {
        const int depth = std::max(level, 1); // the title stands beside the parts, not over them
        while (!aboveLevels.empty() && aboveLevels.back() >= depth) {
            above.pop_back();
            aboveLevels.pop_back();
        }
        auto *item = above.empty() ? new QTreeWidgetItem : new QTreeWidgetItem(above.back());
        if (above.empty())
            tops.append(item);
        if (level > 0) {
            above.push_back(item);
            aboveLevels.push_back(depth);
        }
        m_items.push_back(item);
    }
    m_tree->addTopLevelItems(tops);
    m_tree->expandAll();
}

void OutlinePanel::showCurrent()
{
    if (!isVisible() || m_items.size() != m_index.headings().size())
        return;
    const auto over = m_index.over(m_page.textCursor().position());
    QTreeWidgetItem *item = over ? m_items[*over] : nullptr;
    if (item == m_current)
        return;
    if (m_current != nullptr)
        setCurrentLook(m_current, false);
    m_current = item;
    if (item == nullptr)
        return;
    setCurrentLook(item, true);
    if (!m_tree->hasFocus())
        m_tree->setCurrentItem(item); // who walks in the tree is not disturbed
}

void OutlinePanel::go(const QTreeWidgetItem *item)
{
    const auto found = std::ranges::find(m_items, item);
    const auto at = static_cast<std::size_t>(found - m_items.begin());
    if (found == m_items.end() || at >= m_index.headings().size())
        return;
    const qsizetype place = m_index.headings()[at].place;
    QTextCursor cursor = m_page.textCursor();
    cursor.setPosition(
        static_cast<int>(std::min<qsizetype>(place, m_page.document()->characterCount() - 1)));
    m_page.setTextCursor(cursor);
    if (!isPlaceShown(m_page, place))
        showPlace(m_page, place);
    m_page.setFocus();
}

void OutlinePanel::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        m_page.setFocus();
    else
        QWidget::keyPressEvent(event);
}

} // namespace nlbd::ui
