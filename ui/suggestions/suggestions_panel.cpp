#include "ui/suggestions/suggestions_panel.h"

#include "ui/panel_parts.h"
#include "ui/parts.h"
#include "ui/words_suggestions.h"

#include <QBoxLayout>
#include <QFrame>
#include <QMouseEvent>
#include <QScrollArea>

#include <algorithm>
#include <functional>

namespace nlbd::ui {

namespace {

QLabel *makePlain(const char *kind = nullptr)
{
    QLabel *label = makeSentence({}, kind);
    label->setTextFormat(Qt::PlainText);
    return label;
}

} // namespace

/// One group. Pressed beside its buttons, the page goes there.
class SuggestionsPanel::Card : public QFrame {
public:
    Card(std::function<void(api::Verdict)> decide, std::function<void()> go)
        : m_go(std::move(go))
        , m_head(makePlain("heading"))
        , m_removed(makePlain())
        , m_added(makePlain())
        , m_styled(makePlain())
        , m_foot(makePlain("muted"))
    {
        setProperty("kind", QStringLiteral("card"));
        setAttribute(Qt::WA_StyledBackground);
        auto *column = new QVBoxLayout(this);
        column->setContentsMargins(12, 10, 12, 8);
        column->setSpacing(4);
        QFont struck = m_removed->font();
        struck.setStrikeOut(true);
        m_removed->setFont(struck);
        QFont underlined = m_added->font();
        underlined.setUnderline(true);
        m_added->setFont(underlined);
        for (QLabel *label : {m_head, m_removed, m_added, m_styled, m_foot}) {
            label->setTextInteractionFlags(Qt::NoTextInteraction);
            column->addWidget(label);
        }
        auto *row = new QHBoxLayout;
        row->setSpacing(8);
        m_accept = makeButton(tr("Accept"));
        m_reject = makeButton(tr("Reject"), ButtonKind::Link);
        connect(m_accept, &QPushButton::clicked, this,
                [decide] { decide(api::Verdict::Accepted); });
        connect(m_reject, &QPushButton::clicked, this,
                [decide] { decide(api::Verdict::Rejected); });
        row->addWidget(m_accept);
        row->addWidget(m_reject);
        row->addStretch();
        column->addLayout(row);
    }

    void show(const api::Suggestion &it, const words::People &people)
    {
        const QString head = words::suggestionHead(it, people);
        const auto put = [](QLabel *label, const std::string &words) {
            label->setText(breakable(words::suggestedWords(words)));
            label->setVisible(!words.empty());
        };
        m_head->setText(breakable(head));
        put(m_removed, it.removed);
        put(m_added, it.added);
        const QString formats = words::suggestedFormats(it);
        m_styled->setText(
            breakable(tr("\u201c%1\u201d: %2").arg(words::suggestedWords(it.styled), formats)));
        m_styled->setVisible(!formats.isEmpty());
        QStringList foot;
        if (it.when)
            foot.append(words::when(*it.when, QDateTime::currentDateTime()));
        if (it.state == api::Agreement::Unsent || it.state == api::Agreement::Pencil)
            foot.append(tr("in pencil"));
        m_foot->setText(foot.join(QStringLiteral(" \u00b7 ")));
        m_foot->setVisible(!foot.isEmpty());
        const QString sentence = words::suggestionSentence(it, people);
        setAccessibleName(sentence);
        m_accept->setAccessibleName(tr("Accept. %1").arg(sentence));
        m_reject->setAccessibleName(tr("Reject. %1").arg(sentence));
    }
    [[nodiscard]] bool holdsFocus() const { return m_accept->hasFocus() || m_reject->hasFocus(); }
    void takeFocus() { m_accept->setFocus(); }
    void setCurrent(bool isCurrent) { setTone(this, isCurrent ? "current" : ""); }

protected:
    void mouseReleaseEvent(QMouseEvent *event) override
    {
        QFrame::mouseReleaseEvent(event);
        m_go();
    }

private:
    std::function<void()> m_go;
    QLabel *m_head;
    QLabel *m_removed;
    QLabel *m_added;
    QLabel *m_styled;
    QLabel *m_foot;
    QPushButton *m_accept = nullptr;
    QPushButton *m_reject = nullptr;
};

SuggestionsPanel::SuggestionsPanel(PageSuggestions &page, QWidget *parent)
    : QWidget(parent)
    , m_page(page)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(9, 6, 8, 8);
    column->setSpacing(8);
    m_badge = addPanelHead(column, tr("Suggestions")).badge;
    auto *content = new QWidget;
    auto *inner = new QVBoxLayout(content);
    inner->setContentsMargins(2, 2, 6, 2);
    inner->setSpacing(8);
    m_wholeBox = new QVBoxLayout;
    m_wholeBox->setSpacing(2);
    inner->addLayout(m_wholeBox);
    m_cardBox = new QVBoxLayout;
    m_cardBox->setSpacing(8);
    inner->addLayout(m_cardBox);
    m_more = makeSentence({}, "muted");
    inner->addWidget(m_more);
    inner->addStretch();
    auto *area = addPanelArea(column, content, tr("Suggestions"));
    setFocusProxy(area);
    connect(&page, &PageSuggestions::changed, this, &SuggestionsPanel::refresh);
    connect(&page, &PageSuggestions::currentChanged, this, [this, area] {
        showCurrent();
        const auto *current = m_page.current();
        if (QWidget *card = current == nullptr ? nullptr : cardOf(current->told.group))
            area->ensureWidgetVisible(card, 0, 2); // its words may stand far down
    });
    refresh();
}

void SuggestionsPanel::setPeople(const words::People &people)
{
    m_people = people;
    refresh();
}

QWidget *SuggestionsPanel::cardOf(const std::string &group) const
{
    const auto found = m_cards.find(group);
    return found == m_cards.end() ? nullptr : found->second;
}

/// Cards of what is still open stay what they are, so that who is about to press a button keeps
/// it; when the one with the focus goes, the next takes it.
void SuggestionsPanel::refresh()
{
    const auto &entries = m_page.entries();
    const std::size_t shown = std::min(entries.size(), kCardsMax);
    bool hadFocus = false;
    std::erase_if(m_cards, [&](const auto &it) {
        const auto end = entries.begin() + static_cast<std::ptrdiff_t>(shown);
        const bool isThere = std::any_of(
            entries.begin(), end, [&](const auto &entry) { return entry.told.group == it.first; });
        if (isThere)
            return false;
        hadFocus = hadFocus || it.second->holdsFocus();
        it.second->hide();
        it.second->deleteLater();
        return true;
    });
    for (std::size_t i = 0; i < shown; ++i) {
        const api::Suggestion &told = entries[i].told;
        Card *&card = m_cards[told.group];
        if (card == nullptr)
            card = new Card([this, group = told.group](
                                api::Verdict verdict) { m_page.decide(verdict, {group}); },
                            [this, group = told.group] { m_page.goTo(group); });
        const int place = static_cast<int>(i);
        if (m_cardBox->indexOf(card) != place)
            m_cardBox->insertWidget(place, card);
        card->show(told, m_people);
        card->setVisible(true);
    }
    const std::size_t left = entries.size() - shown;
    m_more->setText(m_page.isCut() || left > 0
                        ? tr("There are more. They come as these are decided.")
                        : QString());
    m_more->setVisible(!m_more->text().isEmpty());
    m_badge->setText(QString::number(entries.size()));
    refreshWhole();
    showCurrent();
    if (hadFocus && !entries.empty())
        m_cards[entries.front().told.group]->takeFocus();
    setVisible(!entries.empty());
}

/// Who suggested much is answered in one go.
void SuggestionsPanel::refreshWhole()
{
    std::map<MemberIndex, std::size_t> counts;
    for (const auto &entry : m_page.entries())
        ++counts[entry.told.member];
    while (QLayoutItem *item = m_wholeBox->takeAt(0)) {
        if (item->widget() != nullptr) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    for (const auto &[member, count] : counts)
        if (count > 1)
            addAll(member, count);
}

void SuggestionsPanel::addAll(MemberIndex member, std::size_t count)
{
    const QString name = words::suggesterName(m_people, member);
    auto *box = new QWidget;
    auto *row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    const auto add = [&](const QString &text, api::Verdict verdict) {
        QPushButton *button = makeButton(onButton(text), ButtonKind::Link);
        connect(button, &QPushButton::clicked, this, [this, member, verdict] {
            std::vector<std::string> groups;
            for (const auto &entry : m_page.entries())
                if (entry.told.member == member)
                    groups.push_back(entry.told.group);
            m_page.decide(verdict, std::move(groups));
        });
        row->addWidget(button);
        return button;
    };
    const QString counted = tr("%n suggestion(s)", nullptr, static_cast<int>(count));
    add(tr("Accept all of %1").arg(shortName(name)), api::Verdict::Accepted)
        ->setAccessibleName(tr("Accept all of %1: %2").arg(name, counted));
    add(tr("Reject all"), api::Verdict::Rejected)
        ->setAccessibleName(tr("Reject all of %1: %2").arg(name, counted));
    row->addStretch();
    m_wholeBox->addWidget(box);
}

void SuggestionsPanel::showCurrent()
{
    const auto *current = m_page.current();
    for (const auto &[group, card] : m_cards)
        card->setCurrent(current != nullptr && current->told.group == group);
}

} // namespace nlbd::ui
