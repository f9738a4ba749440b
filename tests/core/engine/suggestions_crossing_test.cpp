#include "tests/support/suggesting_table.h"

#include <QTest>

#include <random>

using namespace nlbd;
using namespace std::chrono_literals;
using Table = nlbd::testing::SuggestingTable;
using api::Verdict;

namespace {

/// Three people who write, suggest, strike, format, decide, undo, are cut off and come back, while
/// commands and events wait. Each types letters of their own.
struct Crowd {
    explicit Crowd(unsigned seed)
        : mayUndo(seed % 2 == 0)
        , random(seed)
    {
    }

    TextOffset below(TextOffset bound)
    {
        return static_cast<TextOffset>(random() % std::max(1U, bound));
    }

    void step()
    {
        const std::size_t i = below(3);
        auto &view = table.views[i];
        const TextOffset at = below(view.length() + 1);
        const TextOffset rest = view.length() - at + 1;
        std::string letters(1 + below(3), static_cast<char>('a' + i));
        if (below(8) == 0)
            letters.back() = '\n';
        switch (below(14)) {
        case 0:
            return table.type(i, at, letters, below(4) == 0 ? below(std::min(5U, rest)) : 0);
        case 1:
            return table.type(i, at, "", below(std::min(7U, rest)));
        case 2:
        case 3:
            return table.suggest(i, at, below(3) == 0 ? "" : letters, below(std::min(4U, rest)));
        case 4:
            return table.strike(i, at, at + below(std::min(5U, rest)));
        case 5:
            return decide(i);
        case 6:
            if (mayUndo && below(3) == 0)
                view.outbox.emplace_back(api::Undo{table.doc});
            return;
        case 7:
            return format(i, at, at + below(std::min(6U, rest)));
        default:
            wait(i);
        }
    }

    void format(std::size_t i, TextOffset from, TextOffset to)
    {
        using Value = std::optional<std::string>;
        const Value value = below(3) == 0 ? std::nullopt : Value(std::to_string(below(2)));
        AttributeChanges changes{{below(2) == 0 ? "bold" : "block", value}};
        if (below(3) == 0)
            table.views[i].edit({}, {{from, to, std::move(changes)}}, api::EditText::Cause::Format);
        else
            table.format(i, from, to, std::move(changes), to == table.views[i].length());
    }

    void decide(std::size_t i)
    {
        auto &view = table.views[i];
        if (view.suggestions.empty())
            return;
        const auto which = below(static_cast<TextOffset>(view.suggestions.size()));
        view.outbox.emplace_back(
            api::DecideSuggestions{table.doc,
                                   {view.suggestions[which].group},
                                   below(2) == 0 ? Verdict::Accepted : Verdict::Rejected});
    }

    void wait(std::size_t i)
    {
        switch (below(5)) {
        case 0:
            return table.isolate(i, below(2) == 0);
        case 1:
            for (TextOffset n = below(8); n > 0; --n)
                table.sendOne(i);
            return;
        case 2:
            for (TextOffset n = below(20); n > 0 && table.takeOne(i); --n) {
            }
            return;
        default:
            return table.group.run(Millis(below(300)));
        }
    }

    void meet()
    {
        for (std::size_t i = 0; i < 3; ++i)
            table.isolate(i, false);
        for (int i = 0; i < 4; ++i) {
            table.settle();
            table.group.run(10s);
        }
        table.settle();
    }

    bool mayUndo;
    std::mt19937 random;
    Table table{3, "....\n........\n..."};
};

} // namespace

/// Suggestions of people who cross each other: in the end all see the same, and each letter that is
/// suggested is its owner's.
class SuggestionsCrossingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void randomly_data();
    void randomly();
};

void SuggestionsCrossingTest::randomly_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 40; ++seed)
        QTest::addRow("%u", seed) << seed;
}

void SuggestionsCrossingTest::randomly()
{
    QFETCH(unsigned, seed);
    Crowd crowd(seed);
    for (int step = 0; step < 220; ++step)
        crowd.step();
    crowd.meet();
    Table &table = crowd.table;
    const std::string shown = table.shownToAll();
    QVERIFY2(!shown.starts_with("differs"), shown.c_str());
    const std::string looks = table.looksToAll();
    QVERIFY2(!looks.starts_with("differs"), looks.c_str());
    for (std::size_t i = 0; i < 3; ++i)
        QCOMPARE(table.views[i].text(0, table.views[i].length()),
                 *table.group.at(i).text(table.doc));
    using Suggestion = api::Suggestion;
    for (const Suggestion &it : table.views[0].suggestions)
        for (const Suggestion::Part &part : it.parts)
            // Undo writes letters again, as those of whoever undoes.
            if (!crowd.mayUndo && it.kind == Suggestion::Kind::Proposed
                && part.what == Suggestion::Part::What::Added)
                for (const char letter : table.views[0].text(part.from, part.to))
                    QVERIFY(letter == '.' || letter == '\n'
                            || letter == static_cast<char>('a' + it.member.value));
    table.group.restart(2);
    table.open(2);
    table.settle();
    QCOMPARE(QString::fromStdString(table.shownToAll()), QString::fromStdString(shown));
    QCOMPARE(QString::fromStdString(table.looksToAll()), QString::fromStdString(looks));
}

QTEST_GUILESS_MAIN(SuggestionsCrossingTest)
#include "suggestions_crossing_test.moc"
