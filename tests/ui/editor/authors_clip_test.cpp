#include "ui/editor/authors_clip.h"
#include "ui/words_authors.h"

#include <QMimeData>
#include <QTest>

#include <random>

using namespace nlbd;
using namespace nlbd::ui;

namespace {

using Authors = std::vector<ClippedAuthor>;

Authors read(const QByteArray &bytes, const QString &text)
{
    QMimeData mime;
    mime.setData(QString::fromLatin1(kAuthorsMime), bytes);
    return fromAuthorsMime(mime, text);
}

QByteArray edited(QByteArray bytes, const char *before, const char *after)
{
    return bytes.replace(before, after);
}

words::People people()
{
    words::People result;
    for (const char *name : {"Andreas Michas", "Thea Kallas", "Sofia Orfanou"}) {
        api::Person person;
        person.member = MemberIndex(static_cast<std::uint16_t>(result.size()));
        person.device = DeviceIndex(static_cast<std::uint16_t>(result.size()));
        person.name = name;
        result.push_back(person);
    }
    return result;
}

} // namespace

/// Who wrote what is on the clipboard, and the sentences that say so.
class AuthorsClipTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenIsRead()
    {
        const QString text = QStringLiteral("Whoever arrives first \U0001F642 lights");
        const Authors authors{
            {0, 7, QStringLiteral("Thea Kallas"), QStringLiteral("olive gate seven wind")},
            {8, 14, QStringLiteral("Ada"), {}},
            {22, 2, QStringLiteral("Νίκος"), QStringLiteral("copper field door quiet")}};
        QCOMPARE(read(toAuthorsMime(text, authors), text), authors);
        QVERIFY(fromAuthorsMime(QMimeData(), text).empty());
    }

    void ofAnotherTextNothingIsTaken()
    {
        const QByteArray bytes =
            toAuthorsMime(QStringLiteral("abc"), {{0, 3, QStringLiteral("Thea"), {}}});
        QCOMPARE(read(bytes, QStringLiteral("abc")).size(), 1U);
        QVERIFY(read(bytes, QStringLiteral("abd")).empty());
        QVERIFY(read(bytes, QStringLiteral("abcd")).empty());
    }

    void hostileClipboardsAreHarmless_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::newRow("nothing") << QByteArray("{") << QByteArray("");
        QTest::newRow("version") << QByteArray("\"version\":1") << QByteArray("\"version\":2");
        QTest::newRow("negative") << QByteArray("\"from\":1") << QByteArray("\"from\":-1");
        QTest::newRow("half") << QByteArray("\"from\":1") << QByteArray("\"from\":0.5");
        QTest::newRow("huge") << QByteArray("\"from\":1") << QByteArray("\"from\":1e300");
        QTest::newRow("long") << QByteArray("\"length\":2") << QByteArray("\"length\":5");
        QTest::newRow("wraps") << QByteArray("\"length\":2")
                               << QByteArray("\"length\":9223372036854775807");
        QTest::newRow("none") << QByteArray("\"length\":2") << QByteArray("\"length\":0");
        QTest::newRow("word") << QByteArray("\"length\":2") << QByteArray("\"length\":\"2\"");
        QTest::newRow("in a pair")
            << QByteArray("\"from\":1,\"length\":2") << QByteArray("\"from\":4,\"length\":1");
        QTest::newRow("no name") << QByteArray("\"Thea\"") << QByteArray("\"\"");
        QTest::newRow("hidden name") << QByteArray("\"Thea\"") << QByteArray("\"\\u202e\\u200b\"");
        QTest::newRow("a list") << QByteArray("\"Thea\"") << QByteArray("[\"Thea\"]");
        QTest::newRow("deep") << QByteArray("\"Thea\"")
                              << QByteArray(100'000, '[') + QByteArray(100'000, ']');
        QTest::newRow("large") << QByteArray("\"Thea\"")
                               << QByteArray("\"") + QByteArray(300'000, 'T') + '"';
    }

    void hostileClipboardsAreHarmless()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        const QString text = QStringLiteral("abc\U0001F642");
        const QByteArray bytes = toAuthorsMime(text, {{1, 2, QStringLiteral("Thea"), {}}});
        QCOMPARE(read(bytes, text).size(), 1U);
        const QByteArray changed = edited(bytes, before.constData(), after.constData());
        QVERIFY(changed != bytes);
        QVERIFY(read(changed, text).empty());
    }

    void whatOverlapsIsPassedOver()
    {
        const QString text = QStringLiteral("abcdef");
        const QString name = QStringLiteral("Thea");
        const Authors read1 =
            read(toAuthorsMime(text, {{2, 2, name, {}}, {1, 2, name, {}}, {4, 2, name, {}}}), text);
        QCOMPARE(read1, (Authors{{2, 2, name, {}}, {4, 2, name, {}}}));
    }

    void mutatedBytesStayInside()
    {
        std::mt19937 random(7);
        const QString text = QStringLiteral("abcdefgh");
        const QByteArray bytes = toAuthorsMime(
            text, {{0, 3, QStringLiteral("Thea"), {}}, {3, 5, QStringLiteral("Nikos"), {}}});
        for (int i = 0; i < 5000; ++i) {
            QByteArray changed = bytes;
            for (auto n = random() % 3 + 1; n > 0; --n)
                changed[static_cast<qsizetype>(random()
                                               % static_cast<std::size_t>(changed.size()))] =
                    static_cast<char>(random());
            qsizetype end = 0;
            for (const ClippedAuthor &author : read(changed, text)) {
                QVERIFY(author.from >= end && author.length > 0);
                end = author.from + author.length;
                QVERIFY(end <= text.size() && !author.name.isEmpty());
            }
        }
    }

    void namesArePlain()
    {
        QCOMPARE(plainName(QStringLiteral("  Thea\n\tKallas ")), QStringLiteral("Thea Kallas"));
        QCOMPARE(plainName(QStringLiteral("Thea\u202ekilled")), QStringLiteral("Theakilled"));
        QCOMPARE(plainName(QString(100'000, QChar(u'x'))).size(), 64);
        QCOMPARE(plainName(QString(QChar(0xD83D))), QString());
        QVERIFY(plainName(QString(63, QChar(u'x')) + QStringLiteral("\U0001F642")).isValidUtf16());
    }

    void sentences()
    {
        const QDateTime now(QDate(2026, 12, 1), QTime(9, 0));
        const auto at = [](int year) {
            return WallTime(
                Millis(QDateTime(QDate(year, 11, 14), QTime(18, 2)).toMSecsSinceEpoch()));
        };
        using State = api::Agreement;
        PageAuthors::Span span{0, 4, DeviceIndex(1), MemberIndex(1), at(2026), State::Agreed,
                               4, {}};
        const QString thea = QStringLiteral("Thea Kallas");
        QCOMPARE(words::wrote(span, thea, 4, now),
                 QStringLiteral("Thea Kallas, 14 Nov 18:02, agreed by 4 of 4"));
        QCOMPARE(words::wrote(span, thea, 1, now), QStringLiteral("Thea Kallas, 14 Nov 18:02"));
        span.when = at(2025);
        span.state = State::Pencil;
        span.signedBy = 2;
        QCOMPARE(words::wrote(span, thea, 4, now),
                 QStringLiteral("Thea Kallas, 14 Nov 2025 18:02, in pencil: 2 of 4 have it"));
        span.when.reset();
        span.state = State::Unsent;
        QCOMPARE(words::wrote(span, thea, 4, now), QStringLiteral("Thea Kallas, just typed"));
        span.state = State::Disputed;
        QCOMPARE(words::wrote(span, thea, 4, now),
                 QStringLiteral("Thea Kallas, disputed: that computer told two different stories"));
    }

    void whoHasInWords()
    {
        const auto say = [](std::vector<MemberIndex> have, std::vector<MemberIndex> lack,
                            const QString &text) {
            const words::WhoHas who = words::whoHas({0, 0, 0, std::move(have), std::move(lack)},
                                                    words::counted(text), people());
            return who.lack.isEmpty() ? who.have : who.have + QStringLiteral(". ") + who.lack;
        };
        const MemberIndex a(0);
        const MemberIndex b(1);
        const MemberIndex c(2);
        QCOMPARE(say({a}, {b, c}, QStringLiteral("one two")),
                 QStringLiteral("Andreas Michas has these 2 words. "
                                "Thea Kallas and Sofia Orfanou do not have them yet"));
        QCOMPARE(say({a, b}, {c}, QStringLiteral("it's")),
                 QStringLiteral("Andreas Michas and Thea Kallas have this word. "
                                "Sofia Orfanou does not have it yet"));
        QCOMPARE(say({a, b, c}, {}, QStringLiteral("...")),
                 QStringLiteral("Everyone has these 3 letters: Andreas Michas, Thea Kallas and "
                                "Sofia Orfanou"));
        QCOMPARE(say({a}, {}, QStringLiteral("!")), QStringLiteral("Only you have this letter"));
        QVERIFY(say({a, MemberIndex(77)}, {}, QStringLiteral("x"))
                    .contains(QStringLiteral("someone unknown")));
    }
};

QTEST_GUILESS_MAIN(AuthorsClipTest)
#include "authors_clip_test.moc"
