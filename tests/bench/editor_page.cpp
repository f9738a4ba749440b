#include "editor_page.h"

#include "core/base/check.h"
#include "ui/editor/block_style.h"
#include "ui/editor/document_view.h"
#include "ui/main_window.h"

#include <QScrollBar>
#include <QTest>
#include <QTextBlock>

#include <algorithm>
#include <random>

namespace nlbd::bench {

namespace {

constexpr std::size_t kLineKeys = 80; // and then Enter
constexpr double kFrame = 1000.0 / 60;

double medianOf(const std::vector<Took> &times, double Took::*part)
{
    std::vector<double> values;
    for (const Took &each : times)
        values.push_back(each.*part);
    return quantile(std::move(values), 0.5);
}

Took share(const std::vector<Took> &times, double share)
{
    std::vector<double> wall;
    std::vector<double> cpu;
    for (const Took &each : times) {
        wall.push_back(each.wall);
        cpu.push_back(each.cpu);
    }
    return {quantile(std::move(wall), share), quantile(std::move(cpu), share)};
}

Took median(const std::vector<Took> &times)
{
    return {medianOf(times, &Took::wall), medianOf(times, &Took::cpu)};
}

void insertAtOnce(QPlainTextEdit &page, const std::vector<TextOffset> &places)
{
    QTextCursor cursor(page.document());
    cursor.beginEditBlock();
    for (const TextOffset place : places) {
        cursor.setPosition(static_cast<int>(place));
        cursor.insertText(QStringLiteral("x"));
    }
    cursor.endEditBlock();
}

} // namespace

Desk::Desk(PaintClock &clock, Room &room)
    : m_clock(clock)
    , m_room(room)
    , m_window(std::make_unique<ui::MainWindow>(room.door(), QStringLiteral("Agora")))
{
    m_window->resize(1280, 800);
    m_window->show();
    CHECK(PaintClock::waitFor([this] { return m_window->page().isOpen(); }));
}

Desk::~Desk() = default;

Took Desk::open(DocIndex doc)
{
    ui::DocumentView &page = m_window->page();
    return m_clock.untilPainted(
        page, [&] { page.open(doc); },
        [&] { return page.shownDocument() == doc && page.document()->blockCount() > 1; });
}

void Desk::wait()
{
    CHECK(PaintClock::waitFor([this] { return m_window->page().isOpen(); }));
    PaintClock::pass(500); // words are counted, the outline is read
}

std::size_t Desk::middle(const std::vector<TextOffset> &ends) const
{
    return ends.size() / 2;
}

void Desk::goToMiddle(QPlainTextEdit &page, TextOffset place)
{
    QTextCursor cursor = page.textCursor();
    cursor.setPosition(static_cast<int>(place));
    page.setTextCursor(cursor);
    page.centerCursor();
    page.setFocus();
    PaintClock::pass(300);
}

std::unique_ptr<QPlainTextEdit> Desk::makeBare() const
{
    const ui::DocumentView &page = m_window->page();
    auto bare = std::make_unique<QPlainTextEdit>();
    bare->setFont(ui::textFont());
    bare->setFrameShape(QFrame::NoFrame);
    bare->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    bare->document()->setDocumentMargin(0);
    bare->setPlainText(page.document()->toPlainText());
    const int bar = bare->verticalScrollBar()->sizeHint().width();
    bare->resize(page.viewport()->width() + bar, page.viewport()->height());
    bare->show();
    PaintClock::pass(100);
    return bare;
}

std::vector<Took> Desk::typeOnce(QPlainTextEdit &page, const Pace &pace)
{
    static const QString words = QStringLiteral("we read it once more before the others come ");
    std::vector<Took> times;
    double next = presentMoment().wall;
    for (std::size_t i = 1; i <= pace.keys; ++i) {
        const bool isEnd = i % kLineKeys == 0;
        const QChar letter = words[static_cast<qsizetype>(i) % words.size()];
        times.push_back(m_clock.untilPainted(page, [&] {
            if (isEnd)
                QTest::keyClick(&page, Qt::Key_Return);
            else
                QTest::keyClicks(&page, QString(letter));
        }));
        next += pace.keyMilliseconds;
        PaintClock::pass(next - presentMoment().wall);
    }
    return times;
}

KeyTimes Desk::type(DocIndex doc, const Pace &pace)
{
    ui::DocumentView &page = m_window->page();
    const std::vector<TextOffset> ends = m_room.ends(doc);
    const std::size_t mine = middle(ends);
    const auto bare = makeBare();
    goToMiddle(*bare, ends[mine]);
    goToMiddle(page, ends[mine]);
    // Three beside me on the screen, above and below, and four far away.
    m_room.startTyping(doc,
                       {ends[mine - 4], ends[mine + 3], ends[mine + 6], ends[1],
                        ends[ends.size() / 4], ends[ends.size() / 4 * 3], ends[ends.size() - 2]});
    std::vector<Took> medians;
    std::vector<Took> late;
    std::vector<Took> bareMedians;
    std::vector<Took> bareLate;
    std::vector<Took> over;
    std::vector<double> busy;
    for (std::size_t i = 0; i < pace.repetitions; ++i) {
        const Took begin = presentMoment();
        page.setFocus();
        const std::vector<Took> times = typeOnce(page, pace);
        const Took end = presentMoment();
        busy.push_back(100 * (end.cpu - begin.cpu) / (end.wall - begin.wall));
        bare->setFocus();
        const std::vector<Took> bareTimes = typeOnce(*bare, pace);
        medians.push_back(share(times, 0.5));
        late.push_back(share(times, 0.99));
        bareMedians.push_back(share(bareTimes, 0.5));
        bareLate.push_back(share(bareTimes, 0.99));
        over.push_back({medians.back().wall / bareMedians.back().wall,
                        medians.back().cpu / bareMedians.back().cpu});
    }
    m_room.stopTyping();
    PaintClock::pass(200);
    const Took ratio = median(over);
    return {median(medians), median(late), median(bareMedians), median(bareLate),
            ratio.wall,      ratio.cpu,    quantile(busy, 0.5)};
}

std::pair<Took, Took> Desk::scroll(const Pace &pace, bool isByScreen)
{
    ui::DocumentView &page = m_window->page();
    QScrollBar &bar = *page.verticalScrollBar();
    std::vector<Took> medians;
    std::vector<Took> late;
    for (std::size_t i = 0; i < pace.repetitions; ++i) {
        bar.setValue(bar.maximum() / 8 * static_cast<int>(i % 5));
        PaintClock::pass(50);
        std::vector<Took> times;
        for (std::size_t frame = 0; frame < pace.frames; ++frame) {
            times.push_back(m_clock.untilPainted(
                page, [&] { bar.setValue(bar.value() + (isByScreen ? bar.pageStep() : 3)); }));
            PaintClock::pass(kFrame - times.back().wall);
        }
        medians.push_back(share(times, 0.5));
        late.push_back(share(times, 0.99));
    }
    return {median(medians), median(late)};
}

Desk::AtOnce Desk::takeAtOnce(DocIndex doc, const Pace &pace)
{
    ui::DocumentView &page = m_window->page();
    std::mt19937 random(3);
    std::vector<double> all;
    std::vector<double> longest;
    std::vector<double> bareTimes;
    const auto bare = makeBare();
    bare->setUndoRedoEnabled(false); // as the page has it
    for (std::size_t i = 0; i < pace.repetitions; ++i) {
        const std::vector<TextOffset> ends = m_room.ends(doc);
        // A fifth of them on the screen or near it, the others anywhere.
        std::vector<TextOffset> places;
        for (std::size_t edit = 0; edit < pace.edits; ++edit)
            places.push_back(edit % 5 == 0 ? ends[middle(ends) - 8 + random() % 16]
                                           : ends[random() % ends.size()]);
        goToMiddle(*bare, ends[middle(ends)]);
        bareTimes.push_back(m_clock.untilPainted(*bare, [&] { insertAtOnce(*bare, places); }).cpu);
        goToMiddle(page, ends[middle(ends)]);
        const qsizetype before = page.document()->characterCount();
        const auto isThere = [&] {
            return page.document()->characterCount() >= before + static_cast<qsizetype>(pace.edits);
        };
        all.push_back(m_clock
                          .untilPainted(
                              page, [&] { m_room.editAtOnce(doc, places); }, isThere)
                          .cpu);
        longest.push_back(m_clock.longestTurn());
        PaintClock::pass(100);
    }
    return {quantile(all, 0.5), quantile(longest, 0.5), quantile(bareTimes, 0.5)};
}

} // namespace nlbd::bench
