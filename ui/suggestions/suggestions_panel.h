#pragma once

#include "ui/editor/page_suggestions.h"

#include <QWidget>

#include <map>

class QBoxLayout;
class QLabel;

namespace nlbd::ui {

/// A card for each thing that is suggested on the page, by whom and in which words, with buttons
/// that decide. Shown while there is any.
class SuggestionsPanel : public QWidget {
    Q_OBJECT

public:
    static constexpr std::size_t kCardsMax = 40; ///< more are counted

    /// Borrowed; outlives it.
    explicit SuggestionsPanel(PageSuggestions &page, QWidget *parent = nullptr);

    void setPeople(const words::People &people);
    [[nodiscard]] QWidget *cardOf(const std::string &group) const;

private:
    class Card;
    void refresh();
    void showCurrent();
    void refreshWhole();
    void addAll(MemberIndex member, std::size_t count);

    PageSuggestions &m_page;
    words::People m_people;
    QLabel *m_badge = nullptr;
    QLabel *m_more = nullptr;
    QBoxLayout *m_cardBox = nullptr;
    QBoxLayout *m_wholeBox = nullptr; ///< all of one person at once
    std::map<std::string, Card *> m_cards;
};

} // namespace nlbd::ui
