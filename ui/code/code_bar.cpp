#include "ui/code/code_bar.h"

#include "ui/code/code_language.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_change.h"
#include "ui/parts.h"

#include <QActionGroup>
#include <QMenu>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolButton>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kLinesMax = 2000; // of a block, to either side of the caret
constexpr int kHeight = 22;

QString nameOf(const std::string &id)
{
    const CodeLanguage *language = languageCalled(id);
    const std::string_view name = id.empty() ? codeLanguages().front().name
        : language                           ? language->name
                                             : std::string_view(id);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

} // namespace

CodeBar::CodeBar(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_button(new QToolButton(page.viewport()))
{
    m_button->setFocusPolicy(Qt::NoFocus); // the menu and Ctrl+Alt+L are for the keyboard
    m_button->setCursor(Qt::ArrowCursor);
    m_button->setStyleSheet(QStringLiteral("font-size: 11px; padding: 2px 6px; border-width: 1px"));
    m_button->hide();
    connect(m_button, &QToolButton::clicked, this, &CodeBar::choose);
    connect(&page, &DocumentView::looksTouched, this, &CodeBar::place);
    connect(&page, &DocumentView::textTouched, this, &CodeBar::place);
    connect(&page, &DocumentView::opened, this, &CodeBar::place);
    connect(page.verticalScrollBar(), &QScrollBar::valueChanged, this, &CodeBar::place);
    connect(page.verticalScrollBar(), &QScrollBar::rangeChanged, this, &CodeBar::place);
}

/// The numbers of the first and the last line of the code around the caret.
std::pair<int, int> CodeBar::blockAtCaret() const
{
    const std::string language = m_page.blockAtCaret().language;
    const auto isSame = [&](const QTextBlock &block) {
        if (!block.isValid())
            return false;
        const BlockStyle style =
            blockStyleOf(m_page.looks().blockAt(block.position() + block.length() - 1));
        return style.kind == BlockStyle::Kind::Code && style.language == language;
    };
    QTextBlock first = m_page.textCursor().block();
    QTextBlock last = first;
    for (int i = 0; i < kLinesMax && isSame(first.previous()); ++i)
        first = first.previous();
    for (int i = 0; i < kLinesMax && isSame(last.next()); ++i)
        last = last.next();
    return {first.position(), last.position()};
}

void CodeBar::setLanguage(const std::string &id)
{
    const BlockStyle style = m_page.blockAtCaret();
    if (style.kind != BlockStyle::Kind::Code || style.language == id)
        return;
    const auto [from, to] = blockAtCaret();
    PageChange change;
    change.from = from;
    change.to = to;
    change.first = BlockStyle{BlockStyle::Kind::Code, 0, false, id};
    change.rest = change.first;
    m_page.change(change);
    place();
}

void CodeBar::fill(QMenu &menu)
{
    menu.clear();
    const BlockStyle style = m_page.blockAtCaret();
    if (style.kind != BlockStyle::Kind::Code)
        return;
    auto *group = new QActionGroup(&menu);
    for (const CodeLanguage &language : codeLanguages()) {
        const std::string id(language.id);
        QAction *action = menu.addAction(nameOf(id), this, [this, id] { setLanguage(id); });
        action->setCheckable(true);
        action->setChecked(languageCalled(style.language) == &language
                           || (id.empty() && style.language.empty()));
        group->addAction(action);
    }
}

void CodeBar::choose()
{
    place();
    if (m_button->isHidden() || m_page.isReadOnly())
        return;
    auto *menu = new QMenu(m_button);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setAccessibleName(tr("Language of the code"));
    fill(*menu);
    menu->popup(m_button->mapToGlobal(QPoint(0, m_button->height())));
}

void CodeBar::place()
{
    const BlockStyle style = m_page.isOpen() ? m_page.blockAtCaret() : BlockStyle();
    if (style.kind != BlockStyle::Kind::Code || m_page.isReadOnly()) {
        m_button->hide();
        return;
    }
    const QString name = nameOf(style.language);
    m_button->setText(name);
    m_button->setAccessibleName(tr("Language of the code: %1").arg(name));
    m_button->setToolTip(plainToolTip(tr("Language of the code (Ctrl+Alt+L)")));
    QTextCursor first(m_page.document());
    first.setPosition(blockAtCaret().first);
    m_button->resize(m_button->sizeHint().width(), kHeight);
    const int top = std::max(2, m_page.cursorRect(first).top() - 1);
    m_button->move(m_page.viewport()->width() - m_button->width() - 4, top);
    m_button->show();
    m_button->raise();
}

} // namespace nlbd::ui
