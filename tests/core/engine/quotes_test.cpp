#include "tests/support/asking_table.h"

#include <QTest>

using namespace nlbd;
using Table = nlbd::testing::AskingTable;

/// Whose words letters are that somebody brings back.
class QuotesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatComesBackIsStillItsWriters();
    void manyFalseQuotesComeBackInChangesThatFit();
};

/// Undo writes letters again: they remain those of whoever wrote them first, and what only others
/// said of them counts no more than before.
void QuotesTest::whatComesBackIsStillItsWriters()
{
    Table table(3, "abcdefgh");
    table.quote(0, 2, 4, "Thea");
    table.settle();
    table.quote(2, 0, 3, "Nikos"); // of another's letters: it does not count
    table.settle();
    table.type(1, 8, "ij");
    table.settle();
    const auto told = [&](std::size_t who) {
        QString result;
        const auto length =
            static_cast<TextOffset>(table.group.at(who).text(table.doc).value_or("").size());
        for (const api::AuthorSpan &span : table.ask(who, 0, length))
            result += QStringLiteral("%1 by %2 %3, ")
                          .arg(span.to - span.from)
                          .arg(span.device.value)
                          .arg(QString::fromStdString(span.quoted));
        return result;
    };
    const auto act = [&](std::size_t who, api::Command command) {
        table.views[who].outbox.emplace_back(std::move(command));
        table.settle();
    };
    const std::string &first = table.group.at(0).configuration().members[0].name;
    const auto quoted = [&](int writer) {
        return QStringLiteral("3 by %1 %2, 1 by %1 Thea, 4 by %1 %2, ")
            .arg(writer)
            .arg(QString::fromStdString(first));
    };
    QCOMPARE(told(2), QStringLiteral("3 by 0 , 1 by 0 Thea, 4 by 0 , 2 by 1 , "));
    // Nikos took the quotation's place on the letter "c".
    for (int i = 0; i < 2; ++i) {
        table.type(1, 0, {}, 10);
        table.settle();
        QCOMPARE(told(0), QString());
        act(1, api::Undo{table.doc});
        QCOMPARE(told(0), quoted(1) + "2 by 1 , ");
    }
    act(1, api::Redo{table.doc});
    QCOMPARE(told(0), QString());
    act(1, api::Undo{table.doc});
    QCOMPARE(told(2), quoted(1) + "2 by 1 , ");
    // By whoever comes next, and by whoever wrote them.
    table.type(0, 0, {}, 10);
    table.settle();
    act(0, api::Undo{table.doc});
    const std::string &second = table.group.at(0).configuration().members[1].name;
    QCOMPARE(told(1), quoted(0) + "2 by 0 " + QString::fromStdString(second) + ", ");
}

/// Somebody says of every other letter of another that it is a quotation: what is to be said
/// against that, when the letters come back, is more than one change may hold.
void QuotesTest::manyFalseQuotesComeBackInChangesThatFit()
{
    constexpr TextOffset kLetters = 4'000;
    Table table(3, std::string(kLetters, 'a'));
    for (const TextOffset who : {0U, 2U}) { // the writer says so of half of them, and may
        std::vector<api::Styling> stylings;
        for (TextOffset at = who / 2; at < kLetters; at += 2)
            stylings.push_back({at, at + 1, {{"quoted", "N"}}, false});
        table.views[who].edit({}, std::move(stylings), api::EditText::Cause::Format);
        table.settle();
    }
    const std::string text = *table.group.at(1).text(table.doc);
    table.type(1, 0, {}, kLetters);
    table.settle();
    QCOMPARE(*table.group.at(0).text(table.doc), std::string());
    for (int times = 0; times < 2; ++times) {
        table.views[1].outbox.emplace_back(api::Undo{table.doc});
        table.settle();
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(*table.group.at(i).text(table.doc), text);
            const auto blame = table.group.at(i).blame(table.doc);
            QCOMPARE(blame.size(), std::size_t{kLetters});
            for (std::size_t letter = 0; letter < kLetters; ++letter)
                QCOMPARE(blame[letter].quoted,
                         letter % 2 == 0 ? "N" : table.group.at(0).configuration().members[0].name);
        }
        table.views[1].outbox.emplace_back(api::Redo{table.doc});
        table.settle();
        QCOMPARE(*table.group.at(0).text(table.doc), std::string());
    }
}

QTEST_GUILESS_MAIN(QuotesTest)
#include "quotes_test.moc"
