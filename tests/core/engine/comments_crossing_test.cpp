#include "tests/support/talking_table.h"

#include <QTest>

#include <random>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::StyledView;
using nlbd::testing::told;
using Table = nlbd::testing::TalkingTable;
using Result = api::CommentWritten::Result;

namespace {

/// Every letter is typed once, so that the text says which are still there.
struct Alphabet {
    char32_t next = 0x4E00;
    std::string take(std::size_t count)
    {
        QString text;
        for (; count > 0; --count)
            text += QChar(static_cast<char16_t>(next++));
        return text.toStdString();
    }
};

/// What was meant by whom, as the one who said it saw it.
struct Said {
    QString on;     ///< the letters that a thread is about
    QString beside; ///< the others that its page showed then
    std::map<api::CommentId, QString> messages;
};

QString textOf(const StyledView &view)
{
    QString text;
    for (const StyledView::Letter &letter : view.letters())
        text += QString::fromStdString(letter.scalar);
    return text;
}

/// What three people do, one step after the other.
struct World {
    explicit World(unsigned seed)
        : random(seed)
        , table(3, alphabet.take(12))
    {
    }

    std::size_t below(std::size_t bound) { return random() % std::max<std::size_t>(1, bound); }

    void type(std::size_t i)
    {
        StyledView &view = table.views[i];
        const auto at = static_cast<TextOffset>(below(view.length() + 1));
        const auto rest = static_cast<std::size_t>(view.length() - at);
        if (below(4) == 0)
            table.type(i, at, {}, static_cast<TextOffset>(below(std::min<std::size_t>(6, rest))));
        else
            table.type(i, at, alphabet.take(1 + below(3)));
    }
    void start(std::size_t i, const QString &words)
    {
        table.send(i); // the answer is about the page as it is now
        const StyledView &view = table.views[i];
        const auto at = static_cast<TextOffset>(below(view.length() + 1));
        const auto to = at + static_cast<TextOffset>(below(view.length() - at + 1));
        const QString page = textOf(view);
        if (table.start(i, at, to, words.toStdString()) != Result::Done)
            return;
        Said it{page.mid(at, to - at), page.left(at) + page.mid(to), {}};
        it.messages[table.written.message] = words;
        said[table.written.thread] = it;
    }
    void speak(std::size_t i, const QString &words)
    {
        const auto &known = table.comments[i].threads;
        if (known.empty())
            return;
        const auto thread = known[below(known.size())].thread;
        std::optional<api::CommentId> own;
        for (const api::Comment &it : thread->messages)
            if (it.id.member == MemberIndex(static_cast<std::uint16_t>(i)))
                own = it.id;
        switch (below(5)) {
        case 0:
            if (own && table.edit(i, thread->id, *own, words.toStdString()) == Result::Done)
                said[thread->id].messages[*own] = words;
            break;
        case 1:
            if (own && below(3) == 0 && table.remove(i, thread->id, *own) == Result::Done)
                said[thread->id].messages.erase(*own);
            break;
        case 2:
            table.resolve(i, thread->id, below(2) == 0);
            break;
        default:
            if (table.answer(i, thread->id, words.toStdString()) == Result::Done)
                said[thread->id].messages[table.written.message] = words;
        }
    }
    void act(int step)
    {
        const std::size_t i = below(3);
        const QString words = QStringLiteral("m%1").arg(step);
        switch (below(12)) {
        case 0:
        case 1:
        case 2:
        case 3:
            type(i);
            break;
        case 4:
            start(i, words);
            break;
        case 5:
        case 6:
        case 7:
        case 8:
            speak(i, words);
            break;
        case 9:
            table.isolate(i, below(2) == 0);
            break;
        case 10:
            for (std::size_t n = below(8); n > 0; --n)
                table.sendOne(i);
            break;
        default:
            table.group.run(Millis(static_cast<std::int64_t>(below(400))));
            for (std::size_t n = below(20); n > 0 && table.takeOne(i); --n) {
            }
        }
    }

    std::mt19937 random;
    Alphabet alphabet;
    Table table;
    std::map<api::CommentId, Said> said;
};

} // namespace

/// People who type and speak at once, with commands and events that cross.
class CommentsCrossingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyEngineSaysTheSame_data();
    void everyEngineSaysTheSame();
};

void CommentsCrossingTest::everyEngineSaysTheSame_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 12; ++seed)
        QTest::addRow("%u", seed) << seed;
}

/// Three people type, delete, comment, answer, edit and delete messages, apart and together, with
/// commands and events that cross. At the end every engine tells the same; each message that was
/// taken and not deleted is there in its writer's last words; and each thread is about the letters
/// that it was about, as far as they are there, and none that stood beside them.
void CommentsCrossingTest::everyEngineSaysTheSame()
{
    QFETCH(unsigned, seed);
    World world(seed);
    Table &table = world.table;
    for (int step = 0; step < 160; ++step)
        world.act(step);
    for (std::size_t i = 0; i < 3; ++i)
        table.isolate(i, false);
    table.settle();
    table.group.run(20s);
    const QString all = told(table.anew(0));
    for (std::size_t i = 1; i < 3; ++i)
        QCOMPARE(told(table.anew(i)), all);
    std::size_t alive = 0;
    for (const auto &[id, it] : world.said)
        alive += it.messages.empty() ? 0 : 1;
    QCOMPARE(table.comments[0].threads.size(), alive);
    const QString text = QString::fromStdString(*table.group.at(0).text(table.doc));
    for (const api::PlacedThread &placed : table.comments[0].threads) {
        const Said &it = world.said.at(placed.thread->id);
        std::map<api::CommentId, QString> messages;
        for (const api::Comment &comment : placed.thread->messages)
            messages[comment.id] = QString::fromStdString(comment.words.text);
        QVERIFY(messages == it.messages);
        for (const QChar letter : QString::fromStdString(placed.thread->quote))
            QVERIFY(!it.beside.contains(letter)); // what others put in meanwhile is quoted, too
        const QString on = text.mid(placed.from, placed.to - placed.from);
        for (const QChar letter : it.on)
            QVERIFY(!text.contains(letter) || on.contains(letter));
        for (const QChar letter : it.beside)
            QVERIFY(!on.contains(letter));
    }
}

QTEST_GUILESS_MAIN(CommentsCrossingTest)
#include "comments_crossing_test.moc"
