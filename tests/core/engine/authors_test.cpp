#include "tests/support/asking_table.h"

#include <QTest>

#include <random>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::StyledView;
using Table = nlbd::testing::AskingTable;

namespace {

using State = api::Agreement;

std::vector<std::uint16_t> numbers(const std::vector<MemberIndex> &members)
{
    std::vector<std::uint16_t> result;
    for (const MemberIndex member : members)
        result.push_back(member.value);
    return result;
}
using Numbers = std::vector<std::uint16_t>;

/// Each person's letters say who typed them.
constexpr int kAlphabet = 8;
char letterOf(std::size_t person, TextOffset letter)
{
    return static_cast<char>('a' + kAlphabet * static_cast<int>(person) + static_cast<int>(letter));
}
int writerOf(const StyledView &view, TextOffset at)
{
    return (view.letters().at(at).scalar.front() - 'a') / kAlphabet;
}

/// How many letters of a view were told rightly. What the person at it typed into a span since it
/// was asked is told as part of that.
std::size_t comparedWith(const StyledView &view, std::size_t person,
                         const std::vector<api::AuthorSpan> &spans)
{
    std::size_t compared = 0;
    for (const api::AuthorSpan &span : spans) {
        const Stretch where = view.shown(span.from, span.to);
        for (TextOffset at = where.from; at < where.from + where.length; ++at) {
            const int writer = writerOf(view, at);
            if (writer == span.device.value)
                ++compared;
            else if (writer != static_cast<int>(person))
                QTest::qFail("a letter is told to be another's", __FILE__, __LINE__);
        }
    }
    return compared;
}

} // namespace

/// Who wrote what, and who has it, as views are told.
class AuthorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachLetterHasItsWriter();
    void signaturesAreCounted();
    void whatIsNotSignedSaysSo();
    void aForkIsDisputed();
    void theTimeIsNeverAhead();
    void aMinuteIsOneSpan();
    void questionsCrossWithEdits();
    void whoHasFollowsTheSignatures();
    void whoWroteItHasIt();
    void aQuoteCountsOnlyByItsWriter();
    void whatIsTypedAmongQuotedWordsIsOnesOwn();
    void longAnswersAreCut();
    void draftsAreTold();
    void strangersAreNotAnswered();
    void everyLetterAsTheOracleSays_data();
    void everyLetterAsTheOracleSays();
};

void AuthorsTest::eachLetterHasItsWriter()
{
    Table table(3, "one");
    table.type(1, 3, " two");
    table.settle();
    table.type(2, 1, "X");
    table.settle();
    const auto spans = table.ask(0, 0, 8);
    QCOMPARE(spans.size(), 4U);
    const std::vector<std::array<TextOffset, 3>> expected{
        {0, 1, 0}, {1, 2, 2}, {2, 4, 0}, {4, 8, 1}};
    for (std::size_t i = 0; i < spans.size(); ++i) {
        QCOMPARE(spans[i].from, expected[i][0]);
        QCOMPARE(spans[i].to, expected[i][1]);
        QCOMPARE(TextOffset(spans[i].device.value), expected[i][2]);
        QCOMPARE(TextOffset(spans[i].member.value), expected[i][2]);
        QVERIFY(spans[i].quoted.empty());
        QVERIFY(spans[i].state == State::Agreed);
    }
    QCOMPARE(table.authors.seats, 3);
    const auto part = table.ask(1, 1, 3);
    QCOMPARE(part.size(), 2U);
    QCOMPARE(part[1].to, TextOffset(3)); // of a run no more than was asked for
    QVERIFY(table.ask(1, 3, 3).empty());
}

void AuthorsTest::signaturesAreCounted()
{
    Table table(4, "a");
    table.isolate(2);
    table.isolate(3);
    table.type(0, 1, "b");
    table.settle();
    table.group.run(10s);
    auto spans = table.ask(0, 1, 2);
    QVERIFY(spans.at(0).state == State::Pencil);
    QCOMPARE(spans.at(0).signedBy, 2);
    table.group.join(0, 3);
    table.group.join(1, 3);
    table.group.run(20s);
    spans = table.ask(0, 1, 2);
    QVERIFY(spans.at(0).state == State::Agreed);
    QCOMPARE(spans.at(0).signedBy, 3);
    table.isolate(2, false);
    table.group.run(30s);
    QCOMPARE(table.ask(0, 1, 2).at(0).signedBy, 4);
    QCOMPARE(table.authors.seats, 4);
}

void AuthorsTest::whatIsNotSignedSaysSo()
{
    Table table(2, "a");
    table.type(0, 1, "b");
    table.send(0);
    table.type(0, 2, "c"); // within the pause: the change stays open
    table.send(0);
    const auto spans = table.ask(0, 0, 3);
    QCOMPARE(spans.back().to, TextOffset(3));
    QVERIFY(spans.back().state == State::Unsent);
    QVERIFY(!spans.back().when);
    QCOMPARE(spans.back().signedBy, 0);
    QCOMPARE(spans.back().device, table.group.at(0).me());
    QCOMPARE(numbers(table.askWho(0, 0, 3).have), (Numbers{0}));
    QCOMPARE(numbers(table.holders.lack), (Numbers{1}));
}

void AuthorsTest::aForkIsDisputed()
{
    Table table(4, "a");
    table.type(1, 1, "b");
    table.settle();
    table.group.proveFork(1, 0);
    const auto spans = table.ask(0, 0, 2);
    QVERIFY(spans.at(0).state == State::Agreed);
    QVERIFY(spans.at(1).state == State::Disputed);
}

void AuthorsTest::theTimeIsNeverAhead()
{
    Table table(2, "a");
    table.group.sleep(2h, false);
    table.type(0, 1, "b");
    table.settle();
    table.group.sleep(-1h, false); // the clock is put back
    const auto spans = table.ask(1, 0, 2);
    for (const api::AuthorSpan &span : spans)
        QVERIFY(span.when && *span.when <= table.group.now().wall);
    QCOMPARE(*spans.at(1).when, table.group.now().wall);
}

void AuthorsTest::aMinuteIsOneSpan()
{
    Table table(2);
    for (TextOffset i = 0; i < 6; ++i) {
        table.type(0, i, "x");
        table.settle(); // two seconds and a change each
    }
    table.group.run(10min);
    table.type(0, 6, "y");
    table.settle();
    table.group.run(5s);
    const auto spans = table.ask(1, 0, 7);
    QVERIFY(spans.size() >= 2U && spans.size() <= 3U); // the six may stand on two minutes
    QCOMPARE(spans.back().from, TextOffset(6));
    QVERIFY(*spans.back().when > *spans.front().when + 9min);
}

/// What is asked of a text that is on its way to another one is answered for that.
void AuthorsTest::questionsCrossWithEdits()
{
    Table table(2, "abc");
    table.type(1, 0, "12");
    table.settle();
    table.type(0, 4, "<>"); // ab<>c after 12
    table.views[0].outbox.emplace_back(api::AskAuthors{7, table.views[0].passage(2, 7)});
    table.type(1, 5, "34"); // at the end
    table.send(1);
    table.type(1, 2, "..", 1); // "a" is gone
    table.send(1);
    table.group.submit(1, api::Flush{});
    table.group.run(1s); // the engine of 0 has it, its view not yet
    table.send(0);
    table.type(0, 0, "_"); // the view goes on
    table.take(0);
    QCOMPARE(table.authors.request, 7U);
    QString text;
    for (const StyledView::Letter &letter : table.views[0].letters())
        text += QString::fromStdString(letter.scalar);
    QCOMPARE(text, QStringLiteral("_12..b<>c34"));
    QString mine;
    for (const api::AuthorSpan &span : table.authors.spans) {
        const Stretch where = table.views[0].shown(span.from, span.to);
        mine += QString::number(span.device.value) + text.mid(where.from, where.length);
    }
    QVERIFY2(mine == QStringLiteral("1..0b<>c") || mine == QStringLiteral("0b0<>0c")
                 || mine == QStringLiteral("1..0b0<>0c"),
             qPrintable(mine));
}

void AuthorsTest::whoHasFollowsTheSignatures()
{
    Table table(4, "one two");
    table.group.run(20s);
    QCOMPARE(numbers(table.askWho(1, 0, 7).have), (Numbers{0, 1, 2, 3}));
    table.isolate(3);
    table.type(0, 3, "!");
    table.settle();
    table.group.run(20s);
    QCOMPARE(numbers(table.askWho(1, 2, 5).have), (Numbers{0, 1, 2}));
    QCOMPARE(numbers(table.holders.lack), (Numbers{3}));
    QCOMPARE(table.holders.from, TextOffset(2));
    QCOMPARE(table.holders.to, TextOffset(5));
    QVERIFY(table.askWho(1, 0, 3).lack.empty()); // without the new letter
    QCOMPARE(numbers(table.askWho(3, 0, 7).have), (Numbers{0, 1, 2, 3}));
    table.isolate(3, false);
    table.group.run(30s);
    QVERIFY(table.askWho(1, 0, 8).lack.empty());
}

/// Before he signs for what he holds.
void AuthorsTest::whoWroteItHasIt()
{
    Table table(3, "a");
    table.group.run(20s);
    table.group.setFilter([](std::size_t from, std::size_t, std::uint8_t kind, Bytes &) {
        return from != 1 || kind != 0x17; // changes go, acknowledgements do not
    });
    table.type(1, 1, "b");
    table.settle();
    QCOMPARE(*table.group.at(0).text(table.doc), "ab");
    QCOMPARE(numbers(table.askWho(0, 1, 2).have).front(), std::uint16_t(0));
    QVERIFY(std::ranges::find(table.holders.have, MemberIndex(1)) != table.holders.have.end());
}

void AuthorsTest::aQuoteCountsOnlyByItsWriter()
{
    Table table(3, "Words of Thea");
    table.quote(0, 0, 5, "Thea");
    table.settle();
    table.quote(1, 6, 13, "Nikos"); // over letters of another
    table.settle();
    for (std::size_t i = 0; i < 3; ++i) {
        const auto spans = table.ask(i, 0, 13);
        QCOMPARE(spans.size(), 2U);
        QCOMPARE(spans[0].to, TextOffset(5));
        QCOMPARE(spans[0].quoted, "Thea");
        QVERIFY(spans[1].quoted.empty());
        QCOMPARE(table.group.at(i).blame(table.doc).front().quoted, "Thea");
    }
    table.quote(0, 0, 5, std::string(4000, 'n') + "\xC3\xA9");
    table.settle();
    QCOMPARE(table.ask(1, 0, 1).at(0).quoted, std::string(256, 'n'));
}

void AuthorsTest::whatIsTypedAmongQuotedWordsIsOnesOwn()
{
    Table table(2, "abcdef");
    table.quote(0, 0, 6, "Thea");
    table.settle();
    table.type(0, 3, "x");
    table.settle();
    table.type(1, 1, "y");
    table.settle();
    QString told;
    for (const api::AuthorSpan &span : table.ask(1, 0, 8))
        told += QStringLiteral("%1%2%3 ")
                    .arg(span.to - span.from)
                    .arg(span.device.value)
                    .arg(QString::fromStdString(span.quoted));
    QCOMPARE(told, QStringLiteral("10Thea 11 20Thea 10 30Thea "));
    QVERIFY(table.views[0].letters()[4].attributes.empty());
    QVERIFY(table.views[1].letters()[1].attributes.empty());
    table.views[0].outbox.emplace_back(api::Undo{table.doc}); // the letter and what it was told
    table.settle();
    QCOMPARE(*table.group.at(1).text(table.doc), "aybcdef");
}

void AuthorsTest::longAnswersAreCut()
{
    constexpr TextOffset kLetters = 30'000;
    Table table(2, std::string(kLetters, 'x'));
    QCOMPARE(table.ask(0, 100, kLetters).size(), 1U);
    QCOMPARE(table.authors.from, TextOffset(100));
    QCOMPARE(table.authors.to, TextOffset(100 + api::AuthorsTold::kLettersMax));
    std::vector<api::Styling> stylings;
    for (TextOffset i = 0; i < 9'000; i += 2)
        stylings.push_back({i, i + 1, {{"quoted", "Thea"}}, false});
    table.views[0].edit({}, std::move(stylings), api::EditText::Cause::Format);
    table.settle();
    TextOffset at = 0;
    std::size_t spans = 0;
    for (int round = 0; round < 4; ++round) {
        spans += table.ask(1, at, kLetters).size();
        QVERIFY(table.authors.spans.size() <= api::AuthorsTold::kSpansMax);
        QCOMPARE(table.authors.from, at);
        QCOMPARE(table.authors.spans.back().to, table.authors.to);
        at = table.authors.to;
    }
    QCOMPARE(at, kLetters);
    QVERIFY(spans >= 9'000);
}

void AuthorsTest::draftsAreTold()
{
    Table table(2, "abcdef");
    table.group.guardStarts();
    table.group.restart(0); // what is typed before the second place is read waits
    table.open(0);
    table.send(0);
    table.take(0);
    QVERIFY(table.group.at(0).standing() == engine::Engine::Standing::Starting);
    table.type(0, 2, "XY", 2); // abXYef
    table.send(0);
    table.take(0);
    QVERIFY(table.group.at(0).hasDrafts());
    const auto spans = table.ask(0, 0, 6);
    QCOMPARE(spans.size(), 3U);
    QCOMPARE(spans[0].to, TextOffset(2));
    QCOMPARE(spans[1].to, TextOffset(4));
    QVERIFY(spans[1].state == State::Unsent);
    QCOMPARE(spans[2].to, TextOffset(6));
    QVERIFY(spans[2].state != State::Unsent);
    QCOMPARE(table.ask(0, 3, 5).size(), 2U);
    QCOMPARE(numbers(table.askWho(0, 3, 6).lack), (Numbers{1}));
    QCOMPARE(numbers(table.holders.have), (Numbers{0}));
}

void AuthorsTest::strangersAreNotAnswered()
{
    Table table(2, "abc");
    api::Passage passage = table.views[0].passage(0, 3);
    passage.view = 5;
    table.group.submit(0, api::AskAuthors{1, passage});
    passage = table.views[0].passage(0, 3);
    passage.doc = DocIndex(77);
    table.group.submit(0, api::AskWhoHas{1, passage});
    passage = table.views[0].passage(0, 3);
    passage.serial = 9;
    table.group.submit(0, api::AskAuthors{1, passage});
    passage = table.views[0].passage(0, 3);
    passage.opening = 9;
    table.group.submit(0, api::AskWhoHas{1, passage});
    table.take(0);
    QCOMPARE(table.authors.request, 0U);
    QCOMPARE(table.holders.request, 0U);
    QCOMPARE(table.ask(0, 2, UINT32_MAX).at(0).to, TextOffset(3));
    QVERIFY(table.ask(0, 9, 4).empty());
}

void AuthorsTest::everyLetterAsTheOracleSays_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 60; ++seed)
        QTest::addRow("%u", seed) << seed;
}

/// Each person types letters of an alphabet of his own, so that every letter on a page says who
/// wrote it. Three of them type, delete and ask, while commands and events wait.
void AuthorsTest::everyLetterAsTheOracleSays()
{
    QFETCH(unsigned, seed);
    std::mt19937 random(seed);
    const auto below = [&](TextOffset bound) {
        return static_cast<TextOffset>(random() % std::max(1U, bound));
    };
    Table table(3, "aaaa");
    std::size_t compared = 0;
    for (int step = 0; step < 250; ++step) {
        const std::size_t i = below(3);
        StyledView &view = table.views[i];
        const TextOffset at = below(view.length() + 1);
        const TextOffset rest = view.length() - at + 1;
        switch (below(8)) {
        case 0:
        case 1:
        case 2:
            table.type(i, at, std::string(1 + below(3), letterOf(i, below(8))),
                       below(4) == 0 ? below(std::min(6U, rest)) : 0);
            break;
        case 3:
        case 4:
            view.outbox.emplace_back(api::AskAuthors{1, view.passage(at, at + below(rest))});
            break;
        case 5:
            for (TextOffset n = below(8); n > 0; --n)
                table.sendOne(i);
            break;
        case 6:
            for (TextOffset n = below(20); n > 0 && table.takeOne(i); --n)
                compared += comparedWith(view, i, std::exchange(table.authors, {}).spans);
            break;
        default:
            table.group.run(Millis(below(300)));
        }
        if (QTest::currentTestFailed())
            return;
    }
    table.settle();
    QVERIFY(compared > 0);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto spans = table.ask(i, 0, table.views[i].length());
        QCOMPARE(comparedWith(table.views[i], 3, spans), std::size_t(table.views[i].length()));
        for (const engine::Engine::BlameRun &run : table.group.at(i).blame(table.doc))
            QCOMPARE(int(run.author.value), writerOf(table.views[i], run.from));
    }
}

QTEST_GUILESS_MAIN(AuthorsTest)
#include "authors_test.moc"
