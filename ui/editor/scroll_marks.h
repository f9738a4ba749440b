#pragma once

#include <QColor>
#include <QString>
#include <QTimer>
#include <QWidget>

#include <map>
#include <vector>

class QPlainTextEdit;

namespace nlbd::ui {

class DocumentView;

/// Marks in a page's scroll bar: where others are, where something was found, what was said. Each
/// kind is a layer with a name, set anew by whoever knows it. Places are UTF-16 units and move with
/// the text; one whose text is gone stays where that was until its layer is set again.
///
/// Drawing costs as much as there are marks, and no layer draws more than kMarksMax.
class ScrollMarks : public QWidget {
    Q_OBJECT

public:
    struct Mark {
        qsizetype place = 0;
        QColor colour;
        QString words; ///< what it means, for the tool tip and for readers: plain text
        friend bool operator==(const Mark &, const Mark &) = default;
    };
    /// Where a layer is drawn in the width of the bar, so that kinds are told apart without colour.
    enum class Lane : std::uint8_t { Left, Right, Whole };

    static constexpr std::size_t kMarksMax =
        2000; ///< of a layer; of more, every so-manieth is shown

    /// Becomes a part of the page's vertical scroll bar.
    explicit ScrollMarks(DocumentView &page);

    void setLayer(const QString &name, Lane lane, std::vector<Mark> marks);
    void removeLayer(const QString &name);
    [[nodiscard]] std::vector<Mark> layer(const QString &name) const;

    /// Height in the bar at which a place is marked.
    [[nodiscard]] int heightOf(qsizetype place) const;

Q_SIGNALS:
    /// A mark was pressed: the page has scrolled to it. The caret stays.
    void pressed(qsizetype place);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    struct Layer {
        Lane lane = Lane::Whole;
        std::vector<Mark> marks;
    };
    struct Row {
        QRect rect;
        const Mark *mark = nullptr;
    };
    void shift(qsizetype at, qsizetype removed, qsizetype inserted);
    void changed();
    void moved();
    void forgetRows();
    void paintIfDifferent();
    [[nodiscard]] const std::vector<Row> &rows();
    [[nodiscard]] const Mark *markAt(QPoint place);
    [[nodiscard]] bool isOnHandle(QPoint place) const;

    DocumentView &m_page;
    std::map<QString, Layer> m_layers;
    std::vector<Row> m_rows; ///< as they are drawn
    bool m_isLaidOut = false;
    std::vector<std::pair<QRect, QColor>> m_painted; ///< what is on the screen
    QTimer m_moveTimer; ///< typing moves all marks behind it, and hardly ever by a pixel
};

/// Scrolls a page so that the line of a place stands in the middle, or as near as the ends of the
/// text allow. The caret stays. Lays out what is then on the screen.
void showPlace(QPlainTextEdit &page, qsizetype place);
/// Whether the line of a place can be read on the screen.
[[nodiscard]] bool isPlaceShown(const QPlainTextEdit &page, qsizetype place);

} // namespace nlbd::ui
