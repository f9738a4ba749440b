#pragma once

#include "editor_clock.h"
#include "editor_room.h"

#include <QPlainTextEdit>

namespace nlbd::ui {
class MainWindow;
}

namespace nlbd::bench {

/// How often and how long.
struct Pace {
    std::size_t repetitions = 5;
    std::size_t keys = 100;       ///< of a repetition
    std::size_t frames = 60;      ///< scrolled in one
    std::size_t edits = 1000;     ///< at once
    double keyMilliseconds = 100; ///< from one to the next
};

/// Keys of one document, on the page and in the bare widget, median of the repetitions.
struct KeyTimes {
    Took median;
    Took late; ///< below which 99 of 100 are
    Took bareMedian;
    Took bareLate;
    double over = 0;    ///< median over bare median, of each repetition
    double overCpu = 0; ///< the same in processor time
    double busy = 0;    ///< share of the time in which the window's thread worked, while all typed
};

/// The window of a room's last person, and beside it a bare QPlainTextEdit with the same text, as
/// wide as the page.
class Desk {
public:
    Desk(PaintClock &clock, Room &room);
    ~Desk();

    /// From the wish to the first paint that shows it.
    Took open(DocIndex doc);
    void wait(); ///< until all of it is on the page

    /// I type in the middle of the document while the others type, three of them on my screen.
    KeyTimes type(DocIndex doc, const Pace &pace);
    /// The longest frame but one in a hundred, and the middle one; by three lines or by a screen.
    std::pair<Took, Took> scroll(const Pace &pace, bool isByScreen);
    /// Edits of a batch, processor time of the window's thread.
    struct AtOnce {
        double all = 0;     ///< from the batch to the paint that shows it
        double longest = 0; ///< the longest turn of the loop in it
        double bare = 0;    ///< the same edits of the bare widget, as one edit block, to its paint
    };
    AtOnce takeAtOnce(DocIndex doc, const Pace &pace);

private:
    [[nodiscard]] std::size_t middle(const std::vector<TextOffset> &ends) const;
    void goToMiddle(QPlainTextEdit &page, TextOffset place);
    std::vector<Took> typeOnce(QPlainTextEdit &page, const Pace &pace);
    std::unique_ptr<QPlainTextEdit> makeBare() const;

    PaintClock &m_clock;
    Room &m_room;
    std::unique_ptr<ui::MainWindow> m_window;
};

} // namespace nlbd::bench
