#include "tests/support/small_group.h"
#include "tests/support/styled_view.h"

#include <QTest>

#include <random>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;
using nlbd::testing::StyledView;

namespace {

using Cause = api::EditText::Cause;

/// Some people who have one document open.
struct Desk {
    explicit Desk(std::size_t people, std::string text)
        : group(people)
    {
        group.submit(0, api::CreateDocument{1, "t", std::move(text)});
        group.run(3s);
        doc = *group.at(0).findDocument("t");
        for (std::size_t i = 0; i < people; ++i) {
            group.subscribe(i);
            views.emplace_back(doc, 1);
            views[i].outbox.emplace_back(api::OpenDocument{doc, 1});
        }
        settle();
    }

    void edit(std::size_t i, TextPatch patch, std::vector<api::Styling> stylings = {})
    {
        views[i].edit(std::move(patch), std::move(stylings), Cause::Typing);
    }
    void style(std::size_t i, TextOffset from, TextOffset to, AttributeChanges changes,
               bool isLast = false)
    {
        views[i].edit({}, {{from, to, std::move(changes), isLast}}, Cause::Format);
    }
    void send(std::size_t i)
    {
        if (!views[i].outbox.empty())
            group.submit(i, views[i].outbox.front());
        if (!views[i].outbox.empty())
            views[i].outbox.pop_front();
        fetch();
    }
    void take(std::size_t i)
    {
        fetch();
        if (!views[i].inbox.empty())
            views[i].take(views[i].inbox.front());
        if (!views[i].inbox.empty())
            views[i].inbox.pop_front();
    }
    void settle()
    {
        for (std::size_t i = 0; i < views.size(); ++i)
            while (!views[i].outbox.empty())
                send(i);
        for (std::size_t i = 0; i < views.size(); ++i)
            group.submit(i, api::Flush{});
        group.run(2s);
        fetch();
        for (std::size_t i = 0; i < views.size(); ++i)
            while (!views[i].inbox.empty())
                take(i);
    }
    /// What somebody sees who opens the document now.
    [[nodiscard]] StyledView opened(std::size_t i)
    {
        constexpr std::uint64_t kOther = 99;
        StyledView view(doc, kOther);
        group.submit(i, api::OpenDocument{doc, kOther});
        for (const api::Event &event : group.takeEvents(i)) {
            view.take(event);
            views[i].inbox.push_back(event);
        }
        group.submit(i, api::CloseDocument{doc, kOther});
        return view;
    }
    /// All show the same, and what the engine would show anew.
    [[nodiscard]] bool isEqual()
    {
        for (std::size_t i = 0; i < views.size(); ++i) {
            const StyledView fresh = opened(i);
            if (views[i].letters() != fresh.letters() || views[i].last() != fresh.last()
                || views[i].letters() != views[0].letters() || views[i].last() != views[0].last())
                return false;
        }
        return true;
    }
    [[nodiscard]] std::string valueAt(std::size_t i, TextOffset at, const std::string &key) const
    {
        const Attributes &attributes = views[i].letters().at(at).attributes;
        const auto found = attributes.find(key);
        return found == attributes.end() ? std::string() : found->second;
    }

    SmallGroup group;
    DocIndex doc;
    std::vector<StyledView> views;
    api::UndoChanged::What undoes = api::UndoChanged::What::Typing; ///< of the first of them

private:
    void fetch()
    {
        for (std::size_t i = 0; i < views.size(); ++i)
            for (api::Event &event : group.takeEvents(i)) {
                if (const auto *undo = std::get_if<api::UndoChanged>(&event); undo && i == 0)
                    undoes = undo->undoes;
                views[i].inbox.push_back(std::move(event));
            }
    }
};

} // namespace

/// How a text looks, between the engine and its views: formats and blocks go in as stylings and
/// come back as looks, whatever crosses on the way.
class LooksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatOneFormatsAllSee();
    void boldGrowsAndLinksDoNot();
    void blocksAreLooksOfTheirBreaks();
    void theLastBlockHasNoBreak();
    void otherMarksAreNotTakenForBlocks();
    void aPlainKeyTellsItsOwnViewNothing();
    void undoTakesFormatsBack();
    void undoBringsWordsBackAsTheyLooked();
    void whoTypesWhileAnotherFormatsIsTold();
    void whoFormatsWhileAnotherTypesLeavesItsEndsAlone();
    void manyBlocksGoInSeveralChanges();
    void marksWithoutEndTakeLittle();
    void badStylingsAreRefused_data();
    void badStylingsAreRefused();
    void everybodySeesTheSame_data();
    void everybodySeesTheSame();
};

void LooksTest::whatOneFormatsAllSee()
{
    Desk desk(3, "one two");
    desk.style(0, 4, 7, {{"bold", "1"}});
    desk.settle();
    for (std::size_t i = 0; i < 3; ++i) {
        QCOMPARE(desk.valueAt(i, 3, "bold"), "");
        QCOMPARE(desk.valueAt(i, 4, "bold"), "1");
        QCOMPARE(desk.valueAt(i, 6, "bold"), "1");
    }
    desk.style(1, 5, 6, {{"bold", std::nullopt}, {"italic", "1"}});
    desk.settle();
    QCOMPARE(desk.valueAt(2, 5, "bold"), "");
    QCOMPARE(desk.valueAt(2, 5, "italic"), "1");
    QVERIFY(desk.isEqual());
}

void LooksTest::boldGrowsAndLinksDoNot()
{
    Desk desk(2, "ab");
    desk.style(0, 0, 2, {{"bold", "1"}, {"link", "https://nlbd.dev"}});
    desk.settle();
    desk.edit(0, {2, 0, "c"});
    desk.settle();
    desk.edit(0, {1, 0, "x"}); // a link on both sides is one that its view did not guess
    desk.settle();
    for (std::size_t i = 0; i < 2; ++i) {
        QCOMPARE(desk.valueAt(i, 1, "bold"), "1");
        QCOMPARE(desk.valueAt(i, 1, "link"), "https://nlbd.dev"); // inside of both
        QCOMPARE(desk.valueAt(i, 3, "bold"), "1");
        QCOMPARE(desk.valueAt(i, 3, "link"), "");
    }
    QVERIFY(desk.isEqual());
}

void LooksTest::blocksAreLooksOfTheirBreaks()
{
    Desk desk(2, "Title\nitem\n");
    desk.style(1, 0, 11, {{"block", "task"}});
    desk.style(1, 10, 11, {{"done", "1"}});
    desk.settle();
    QCOMPARE(desk.valueAt(0, 5, "block"), "task");
    QCOMPARE(desk.valueAt(0, 4, "block"), "");
    QCOMPARE(desk.valueAt(0, 10, "done"), "1");
    QVERIFY(desk.views[0].last().empty());
    // Enter inside an item: its first half gets a break, and what the view says of it.
    desk.edit(0, {8, 0, "\n"}, {{8, 9, {{"block", "task"}}}});
    desk.settle();
    QCOMPARE(desk.valueAt(1, 8, "block"), "task");
    QCOMPARE(desk.valueAt(1, 8, "done"), "");
    QCOMPARE(desk.valueAt(1, 11, "done"), "1");
    QVERIFY(desk.isEqual());
}

void LooksTest::theLastBlockHasNoBreak()
{
    Desk desk(2, "");
    desk.style(0, 0, 0, {{"block", "quote"}}, true);
    desk.settle();
    QCOMPARE(desk.views[1].last(), (Attributes{{"block", "quote"}}));
    desk.edit(1, {0, 0, "said"});
    desk.edit(1, {4, 0, "\n"}, {{4, 5, {{"block", "quote"}}}, {5, 5, {{"block", {}}}, true}});
    desk.settle();
    QVERIFY(desk.views[0].last().empty());
    QCOMPARE(desk.valueAt(0, 4, "block"), "quote");
    QVERIFY(desk.isEqual());
}

void LooksTest::otherMarksAreNotTakenForBlocks()
{
    Desk desk(2, "a\nb");
    desk.style(0, 0, 3, {{"block", "code"}, {"highlight", "x"}});
    desk.settle();
    QCOMPARE(desk.valueAt(1, 0, "block"), "");
    QCOMPARE(desk.valueAt(1, 1, "block"), "code");
    QCOMPARE(desk.valueAt(1, 2, "highlight"), "x");
    QVERIFY(desk.isEqual());
}

void LooksTest::aPlainKeyTellsItsOwnViewNothing()
{
    Desk desk(2, "abc def");
    desk.style(1, 0, 1, {{"bold", "1"}});
    desk.settle();
    desk.settle(); // the view has said that it knows of it
    const auto patchesOf = [&](TextOffset at) {
        desk.edit(0, {at, 0, "x"});
        desk.send(0);
        const auto &inbox = desk.views[0].inbox;
        const auto count = std::ranges::count_if(inbox, [](const api::Event &event) {
            return std::holds_alternative<api::TextPatched>(event);
        });
        desk.settle();
        return count;
    };
    static_cast<void>(patchesOf(5));
    QCOMPARE(patchesOf(5), 0);
    QCOMPARE(patchesOf(1), 1); // beside what is bold
    QVERIFY(desk.isEqual());
}

void LooksTest::undoTakesFormatsBack()
{
    Desk desk(2, "one\ntwo");
    desk.style(0, 0, 3, {{"bold", "1"}});
    desk.style(0, 3, 4, {{"block", "heading"}});
    desk.style(0, 7, 7, {{"block", "quote"}}, true);
    desk.settle();
    const auto undo = [&] {
        desk.views[0].outbox.emplace_back(api::Undo{desk.doc});
        desk.settle();
    };
    using What = api::UndoChanged::What;
    QCOMPARE(desk.undoes, What::Formatting);
    undo();
    QVERIFY(desk.views[0].last().empty());
    QVERIFY(desk.views[1].last().empty());
    QCOMPARE(desk.valueAt(1, 3, "block"), "heading");
    undo();
    QCOMPARE(desk.valueAt(0, 3, "block"), "");
    QCOMPARE(desk.valueAt(1, 0, "bold"), "1");
    undo();
    QCOMPARE(desk.valueAt(0, 0, "bold"), "");
    QVERIFY(desk.isEqual());
    for (int i = 0; i < 3; ++i)
        desk.views[0].outbox.emplace_back(api::Redo{desk.doc});
    desk.settle();
    QCOMPARE(desk.valueAt(1, 0, "bold"), "1");
    QCOMPARE(desk.views[0].last(), (Attributes{{"block", "quote"}}));
    QVERIFY(desk.isEqual());
}

void LooksTest::undoBringsWordsBackAsTheyLooked()
{
    Desk desk(2, "one\ntwo");
    desk.style(1, 0, 4, {{"bold", "1"}, {"block", "quote"}});
    desk.settle();
    desk.edit(0, {1, 4, ""});
    desk.settle();
    desk.views[0].outbox.emplace_back(api::Undo{desk.doc});
    desk.settle();
    QCOMPARE(desk.views[1].length(), 7U);
    QCOMPARE(desk.valueAt(1, 2, "bold"), "1");
    QCOMPARE(desk.valueAt(0, 3, "block"), "quote");
    QVERIFY(desk.isEqual());
}

/// What is typed at the end of words that become bold at that moment is bold as well, and its own
/// view hears so: it could not know.
void LooksTest::whoTypesWhileAnotherFormatsIsTold()
{
    Desk desk(2, "abc");
    desk.edit(0, {3, 0, "x"});
    desk.style(1, 0, 3, {{"bold", "1"}});
    desk.send(1);
    desk.group.submit(1, api::Flush{});
    desk.group.run(100ms);
    QCOMPARE(desk.valueAt(0, 3, "bold"), "");
    desk.send(0); // the engine of 0 had the format before the letter
    desk.settle();
    QCOMPARE(desk.valueAt(0, 3, "bold"), "1");
    QVERIFY(desk.isEqual());
}

void LooksTest::whoFormatsWhileAnotherTypesLeavesItsEndsAlone()
{
    Desk desk(2, "abc");
    desk.style(0, 1, 2, {{"link", "u"}});
    desk.edit(1, {1, 0, "<"});
    desk.send(1);
    desk.edit(1, {3, 0, ">"});
    desk.send(1);
    desk.group.submit(1, api::Flush{});
    desk.group.run(100ms);
    desk.send(0);
    desk.settle();
    QCOMPARE(desk.valueAt(0, 1, "link"), "");
    QCOMPARE(desk.valueAt(0, 2, "link"), "u");
    QCOMPARE(desk.valueAt(0, 3, "link"), "");
    QVERIFY(desk.isEqual());
}

void LooksTest::manyBlocksGoInSeveralChanges()
{
    constexpr TextOffset kBlocks = 6'000; // more than one change holds ops
    Desk desk(2, std::string(kBlocks, '\n'));
    desk.style(0, 0, kBlocks, {{"block", "bullet"}});
    desk.settle();
    desk.group.run(10s);
    desk.settle();
    for (TextOffset at = 0; at < kBlocks; ++at)
        QCOMPARE(desk.valueAt(1, at, "block"), "bullet");
    desk.views[0].outbox.emplace_back(api::Undo{desk.doc});
    desk.settle();
    QCOMPARE(desk.valueAt(0, 0, "block"), "");
    QCOMPARE(desk.valueAt(0, kBlocks - 1, "block"), "");
    QVERIFY(desk.isEqual());
}

/// Each letter has a mark more than the one before it: half a million in all, of which few are
/// told.
void LooksTest::marksWithoutEndTakeLittle()
{
    constexpr TextOffset kLetters = 1'000;
    Desk desk(2, std::string(kLetters, 'x'));
    std::vector<api::Styling> stylings;
    for (TextOffset i = 0; i < kLetters; ++i)
        stylings.push_back({i, kLetters, {{"k" + std::to_string(10'000 + i), "1"}}, false});
    stylings.push_back({0, 0, {{"block", "quote"}, {"unknown", "1"}}, true});
    desk.views[0].edit({}, std::move(stylings), Cause::Format);
    desk.settle();
    const StyledView fresh = desk.opened(1);
    std::size_t told = 0;
    for (const StyledView::Letter &letter : fresh.letters()) {
        QVERIFY(letter.attributes.size() <= 64);
        told += letter.attributes.size();
    }
    QVERIFY(told > 60'000);
    QCOMPARE(fresh.last(), (Attributes{{"block", "quote"}}));
    QCOMPARE(desk.views[1].letters(), fresh.letters());
}

void LooksTest::badStylingsAreRefused_data()
{
    QTest::addColumn<std::string>("key");
    QTest::addColumn<std::string>("value");
    QTest::addColumn<bool>("isBackwards");
    QTest::newRow("no key") << std::string() << std::string("1") << false;
    QTest::newRow("long key") << std::string(65, 'k') << std::string("1") << false;
    QTest::newRow("long value") << std::string("link") << std::string(4097, 'v') << false;
    QTest::newRow("no UTF-8") << std::string("link") << std::string("\xFF") << false;
    QTest::newRow("backwards") << std::string("bold") << std::string("1") << true;
}

void LooksTest::badStylingsAreRefused()
{
    QFETCH(std::string, key);
    QFETCH(std::string, value);
    QFETCH(bool, isBackwards);
    Desk desk(1, "abc");
    api::EditText edit{desk.doc, 1, 0, 1, {{0, 0, "x"}}, Cause::Format};
    edit.stylings.push_back({isBackwards ? 2U : 0U, 1, {{key, value}}});
    desk.group.submit(0, edit);
    bool isTold = false;
    bool isOpenedAnew = false;
    for (const api::Event &event : desk.group.takeEvents(0)) {
        const auto *trouble = std::get_if<api::Trouble>(&event);
        isTold = isTold || (trouble && trouble->kind == api::Trouble::Kind::TextNotValid);
        isOpenedAnew = isOpenedAnew || std::holds_alternative<api::DocumentOpened>(event);
    }
    QVERIFY(isTold);
    QVERIFY(isOpenedAnew);
    QCOMPARE(*desk.group.at(0).text(desk.doc), "abc");
}

void LooksTest::everybodySeesTheSame_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 120; ++seed)
        QTest::addRow("%u", seed) << seed;
}

/// Three people type, delete, format and take back, while commands and events wait.
void LooksTest::everybodySeesTheSame()
{
    QFETCH(unsigned, seed);
    std::mt19937 random(seed);
    const auto below = [&](TextOffset bound) {
        return static_cast<TextOffset>(random() % std::max(1U, bound));
    };
    const std::vector<std::string> words{"a", "bc", "\n", "d\ne", "\xC3\xA9", "\xF0\x9F\x99\x82"};
    const std::vector<std::string> keys{"bold",  "link",   "italic", "comment:1",
                                        "block", "indent", "done"};
    Desk desk(3, "one two\nthree\nfour");
    for (int step = 0; step < 150; ++step) {
        const std::size_t i = below(3);
        StyledView &view = desk.views[i];
        const TextOffset at = below(view.length() + 1);
        const TextOffset to = at + below(std::min(8U, view.length() - at + 1));
        const std::optional<std::string> value =
            below(3) == 0 ? std::nullopt : std::optional(std::to_string(below(2)));
        switch (below(10)) {
        case 0:
        case 1:
            desk.edit(i, {at, 0, words[below(6)]});
            break;
        case 2:
            desk.edit(i, {at, to - at, below(2) == 0 ? words[below(6)] : std::string()});
            break;
        case 3:
        case 4:
            desk.style(i, at, to, {{keys[below(7)], value}}, below(4) == 0);
            break;
        case 5:
            desk.edit(i, {at, 0, "xy"}, {{at, at + 1, {{keys[below(4)], value}}}});
            break;
        case 6:
            if (below(4) == 0)
                view.outbox.emplace_back(api::Undo{desk.doc});
            else if (below(4) == 0)
                view.outbox.emplace_back(api::Redo{desk.doc});
            break;
        case 7:
        case 8:
            desk.send(i);
            break;
        default:
            for (TextOffset n = below(6); n > 0; --n)
                desk.take(i);
            if (below(6) == 0)
                desk.group.run(Millis(below(400)));
        }
    }
    desk.settle();
    desk.settle();
    QVERIFY(desk.isEqual());
}

QTEST_GUILESS_MAIN(LooksTest)
#include "looks_test.moc"
