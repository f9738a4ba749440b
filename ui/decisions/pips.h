#pragma once

#include "ui/decisions/voters.h"

#include <QWidget>

namespace nlbd::ui {

/// One bar per member: filled for yes, crossed for no, hollow for no answer yet, dashed where
/// somebody can't be reached. Its tool tip names who is under the pointer; its accessible name says
/// all.
class Pips : public QWidget {
    Q_OBJECT

public:
    explicit Pips(QWidget *parent = nullptr);
    void setStands(std::vector<Stand> stands);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }
    /// "Sofia Orfanou: yes"
    [[nodiscard]] static QString sentenceOf(const Stand &stand);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] QRectF barOf(std::size_t index) const;

    std::vector<Stand> m_stands;
};

/// How many of those who decide are heard, with a line where it is enough.
class QuorumMeter : public QWidget {
    Q_OBJECT

public:
    explicit QuorumMeter(QWidget *parent = nullptr);
    void setVoters(const Voters &voters);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    std::size_t m_heard = 0;
    std::size_t m_seats = 0;
    std::size_t m_quorum = 0;
};

} // namespace nlbd::ui
