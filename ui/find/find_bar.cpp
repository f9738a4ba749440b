#include "ui/find/find_bar.h"

#include "ui/editor/document_view.h"
#include "ui/parts.h"

#include <QAccessible>
#include <QBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QScrollBar>
#include <QToolButton>

namespace nlbd::ui {

namespace {

constexpr int kSelectedUnitsMax = 200; // longer selections are no words to look for
constexpr std::size_t kCountMax = 1000;
constexpr int kRowHeight = 44;
constexpr int kCountWidth = 92;
constexpr int kOptionWidth = 46;

QHBoxLayout *makeRow(QWidget *row)
{
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(16, 4, 10, 4);
    layout->setSpacing(4);
    row->setFixedHeight(kRowHeight);
    return layout;
}

QToolButton *makeTool(const QString &name, const QString &keys)
{
    auto *button = new QToolButton;
    button->setFixedSize(34, 34);
    button->setFocusPolicy(Qt::TabFocus);
    button->setAccessibleName(name);
    button->setToolTip(keys.isEmpty() ? name : QStringLiteral("%1 (%2)").arg(name, keys));
    return button;
}

QLineEdit *makeField(const QString &name)
{
    auto *field = new QLineEdit;
    field->setAccessibleName(name);
    field->setPlaceholderText(name);
    field->setMaxLength(static_cast<int>(kQueryUnitsMax));
    field->setMinimumWidth(90);
    return field;
}

} // namespace

FindBar::FindBar(DocumentView &page, QWidget *parent)
    : QWidget(parent)
    , m_page(page)
    , m_session(page)
{
    setObjectName(QStringLiteral("findBar"));
    setAttribute(Qt::WA_StyledBackground);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(makeFindRow());
    m_replaceRow = makeReplaceRow();
    column->addWidget(m_replaceRow);
    for (QLineEdit *field : {m_text, m_other})
        connect(field, &QLineEdit::textChanged, this, &FindBar::showState);
    connect(m_text, &QLineEdit::textChanged, this, &FindBar::look);
    for (QToolButton *option : {m_case, m_words, m_pattern, m_accents})
        connect(option, &QToolButton::toggled, this, &FindBar::look);
    connect(&m_session, &FindSession::changed, this, &FindBar::showState);
    connect(&m_session, &FindSession::replacedAll, this, &FindBar::told);
    connect(&page, &DocumentView::opened, this, [this] { m_place = m_page.textCursor(); });
    hide();
}

QToolButton *FindBar::addOption(const QString &sign, const QString &name, const QString &keys)
{
    QToolButton *button = makeTool(name, keys);
    button->setText(sign);
    button->setFixedWidth(kOptionWidth);
    button->setCheckable(true);
    button->setShortcut(QKeySequence(keys));
    return button;
}

QWidget *FindBar::makeFindRow()
{
    auto *row = new QWidget;
    QHBoxLayout *layout = makeRow(row);
    m_text = makeField(tr("Find"));
    m_case = addOption(QStringLiteral("Aa"), tr("Capitals matter"), tr("Alt+C"));
    m_words = addOption(QStringLiteral("|w|"), tr("Whole words"), tr("Alt+H"));
    m_accents = addOption(QStringLiteral("\u03AC"), tr("Accents matter"), tr("Alt+A"));
    m_accents->setChecked(true);
    m_pattern = addOption(QStringLiteral(".*"), tr("Regular expression"), tr("Alt+X"));
    m_count = makeLabel({}, "muted");
    m_count->setMinimumWidth(kCountWidth);
    layout->addWidget(m_text, 1);
    for (QToolButton *option : {m_case, m_words, m_accents, m_pattern})
        layout->addWidget(option);
    layout->addSpacing(6);
    layout->addWidget(m_count);
    QToolButton *before = makeTool(tr("The place before"), tr("Shift+F3"));
    before->setArrowType(Qt::UpArrow);
    connect(before, &QToolButton::clicked, this, [this] { m_session.step(-1); });
    QToolButton *next = makeTool(tr("The next place"), tr("F3"));
    next->setArrowType(Qt::DownArrow);
    connect(next, &QToolButton::clicked, this, [this] { m_session.step(1); });
    QToolButton *close = makeTool(tr("Close, and go back to where I was"), tr("Esc"));
    close->setIcon(icon(QStringLiteral("close"), Role::Ink));
    connect(close, &QToolButton::clicked, this, [this] { leave(false); });
    for (QToolButton *button : {before, next, close})
        layout->addWidget(button);
    return row;
}

QWidget *FindBar::makeReplaceRow()
{
    auto *row = new QWidget;
    QHBoxLayout *layout = makeRow(row);
    m_other = makeField(tr("Replace with"));
    m_one = makeButton(tr("Replace"));
    m_all = makeButton(tr("Replace all"));
    m_told = makeLabel({}, "muted");
    connect(m_one, &QPushButton::clicked, this, &FindBar::replaceOne);
    connect(m_all, &QPushButton::clicked, this, &FindBar::replaceAll);
    layout->addWidget(m_other, 1);
    layout->addWidget(m_one);
    layout->addWidget(m_all);
    layout->addSpacing(6);
    layout->addWidget(m_told);
    return row;
}

void FindBar::open(Part part)
{
    if (isHidden()) {
        m_place = m_page.textCursor();
        m_scroll = m_page.verticalScrollBar()->value();
    }
    m_replaceRow->setVisible(part == Part::Replace && !m_page.isReadOnly());
    const QTextCursor cursor = m_page.textCursor();
    const QString selected = cursor.selectionEnd() - cursor.selectionStart() <= kSelectedUnitsMax
        ? m_page.textBetween(cursor.selectionStart(), cursor.selectionEnd())
        : QString();
    show();
    if (!selected.isEmpty() && !selected.contains(u'\n'))
        m_text->setText(selected);
    look();
    m_text->setFocus(Qt::ShortcutFocusReason);
    m_text->selectAll();
}

void FindBar::close()
{
    hide();
    m_told->clear();
    m_session.end();
    Q_EMIT closed();
}

void FindBar::leave(bool isAtHit)
{
    const std::optional<std::size_t> current = m_session.current();
    if (isAtHit && current) {
        QTextCursor cursor = m_page.textCursor();
        const FindHit &hit = m_session.hits()[*current];
        cursor.setPosition(static_cast<int>(hit.from));
        cursor.setPosition(static_cast<int>(hit.to), QTextCursor::KeepAnchor);
        close();
        m_page.setTextCursor(cursor);
        m_page.ensureCursorVisible();
    } else {
        close();
        if (!m_place.isNull() && m_place.document() == m_page.document())
            m_page.setTextCursor(m_place);
        m_page.verticalScrollBar()->setValue(m_scroll);
    }
    m_page.setFocus();
}

void FindBar::step(int by)
{
    if (!isHidden()) {
        m_session.step(by);
        return;
    }
    if (m_text->text().isEmpty()) {
        open(Part::Find);
        return;
    }
    m_place = m_page.textCursor();
    m_scroll = m_page.verticalScrollBar()->value();
    m_replaceRow->hide();
    show();
    look();
    m_text->setFocus(Qt::ShortcutFocusReason);
}

void FindBar::look()
{
    if (isHidden())
        return;
    m_told->clear();
    const FindQuery query{m_text->text(), m_case->isChecked(), m_words->isChecked(),
                          m_pattern->isChecked(), !m_accents->isChecked()};
    m_accents->setEnabled(!query.isPattern);
    m_session.look(query, m_place.isNull() ? 0 : m_place.selectionStart());
}

QString FindBar::count() const
{
    const auto found = static_cast<qsizetype>(m_session.hits().size());
    if (m_session.query().text.isEmpty())
        return {};
    if (m_session.outcome() == FindResult::End::NoPattern)
        return tr("No expression yet");
    if (m_session.outcome() == FindResult::End::TooSlow)
        return tr("Too much work");
    if (found == 0)
        return m_session.isSearching() ? QString() : tr("Nothing found");
    const qsizetype at = static_cast<qsizetype>(m_session.current().value_or(0)) + 1;
    if (m_session.hits().size() >= kCountMax)
        return tr("%L1 of 1,000 and more").arg(at);
    return tr("%1 of %2").arg(at).arg(found);
}

void FindBar::showState()
{
    const QString text = count();
    const bool isNew = text != m_count->text();
    m_count->setText(text);
    m_count->setToolTip(plainToolTip(
        m_session.outcome() == FindResult::End::TooSlow ? tr(
            "This expression takes too long in this text. What was found until then is marked.")
                                                        : m_session.why()));
    const bool canReplace = m_session.current().has_value() && !m_page.isReadOnly();
    m_one->setEnabled(canReplace);
    m_all->setEnabled(canReplace);
    if (!isNew || text.isEmpty() || isHidden())
        return;
    m_count->setAccessibleName(text);
    QAccessibleEvent alert(m_count, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void FindBar::replaceOne()
{
    m_told->clear();
    if (!m_session.replaceCurrent(m_other->text()) && m_session.current())
        m_told->setText(tr("Nothing was changed"));
}

void FindBar::replaceAll()
{
    m_told->clear();
    m_session.replaceAll(m_other->text());
}

void FindBar::told(qsizetype count, bool isMore)
{
    if (count == 0)
        m_told->setText(tr("Nothing was changed"));
    else if (isMore)
        m_told->setText(tr("%L1 replaced, more are left").arg(count));
    else
        m_told->setText(tr("%L1 replaced").arg(count));
    m_told->setAccessibleName(m_told->text());
    QAccessibleEvent alert(m_told, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void FindBar::keyPressEvent(QKeyEvent *event)
{
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->key() == Qt::Key_Escape) {
        leave(false);
    } else if (isEnter && event->modifiers().testFlag(Qt::ControlModifier)) {
        leave(true);
    } else if (isEnter && m_other->hasFocus()) {
        replaceOne();
    } else if (isEnter) {
        m_session.step(event->modifiers().testFlag(Qt::ShiftModifier) ? -1 : 1);
    } else {
        QWidget::keyPressEvent(event);
    }
}

} // namespace nlbd::ui
