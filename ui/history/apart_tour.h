#pragma once

#include "ui/editor/page_layer.h"
#include "ui/words_history.h"

#include <QFrame>

#include <map>

class QLabel;
class QPushButton;

namespace nlbd::ui {

class DocumentView;
class WorkspaceBridge;

/// Leads through what others changed on this page while they and its person were apart: the bar
/// above the page says what was and what is, the page shows where. What was seen to its end is
/// read, and told no more.
class ApartTour : public QFrame, public PageLayer {
    Q_OBJECT

public:
    ApartTour(DocumentView &page, WorkspaceBridge &bridge, QWidget *parent = nullptr);
    ~ApartTour() override;

    void setPeople(const words::People &people);
    /// What there is to be shown on the page, if anything.
    [[nodiscard]] const api::ApartInfo *pending() const;
    [[nodiscard]] bool isOn() const { return !m_places.empty(); }

    /// The next place, or with -1 the one before; begins with the first. False if nothing is to be
    /// shown.
    bool go(int step);
    /// Ends the tour: what was not seen to its end is still told. False if it was over.
    bool stop();
    /// It is read, seen or not.
    void dismiss();

    void paintUnder(QPainter &painter, const PagePainter &page) const override;
    void paintOver(QPainter &painter, const PagePainter &page) const override;

Q_SIGNALS:
    void changed(); ///< what is pending, or whether it is on

private:
    struct Place {
        qsizetype from = 0; ///< on the page, moving along
        qsizetype to = 0;
        api::ApartPlace told;
    };
    void apartChanged(const api::ApartChanged &event);
    void told(const api::ApartTold &event);
    void show(std::size_t index);
    void shift(qsizetype at, qsizetype removed, qsizetype inserted);
    void end();
    [[nodiscard]] QColor colourOf(const Place &place) const;

    DocumentView &m_page;
    WorkspaceBridge &m_bridge;
    words::People m_people;
    std::map<std::uint32_t, api::ApartInfo> m_apart; ///< by document
    std::uint64_t m_asking = 0;                      ///< 0: nothing
    int m_firstStep = 1;
    std::vector<Place> m_places;
    std::size_t m_at = 0;
    QLabel *m_text = nullptr;
    QPushButton *m_before = nullptr;
    QPushButton *m_next = nullptr;
};

} // namespace nlbd::ui
