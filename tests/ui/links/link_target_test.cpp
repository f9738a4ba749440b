#include "ui/links/link_target.h"
#include "ui/words_links.h"

#include <QTest>
#include <QUrl>

using namespace nlbd::ui;

/// What is taken for an address, how it is shown, and what is opened.
class LinkTargetTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatSomebodyMeansByAnAddress_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("target"); // empty: none
        const auto row = [](const char *typed, const char *target) {
            QTest::newRow(typed) << QString::fromUtf8(typed) << QString::fromUtf8(target);
        };
        row("https://example.org/a?b=c#d", "https://example.org/a?b=c#d");
        row("  example.org ", "https://example.org");
        row("example.org/path", "https://example.org/path");
        row("example.org:8080", "https://example.org:8080");
        row("www.example.org", "https://www.example.org");
        row("thea@example.org", "mailto:thea@example.org");
        row("mailto:thea@example.org", "mailto:thea@example.org");
        row("nlbd:lamp-river", "nlbd:lamp-river");
        row("javascript:alert(1)", "javascript:alert(1)"); // kept, shown, never opened
        row("παράδειγμα.ελ", "https://παράδειγμα.ελ");
        row("word", "");
        row("two words.org", "");
        row("", "");
        row("a..b", "");
        row("@example.org", "");
        row("https://example.org/\u202Egro", "");
        row("https://example.org/\u200Bx", "");
    }

    void whatSomebodyMeansByAnAddress()
    {
        QFETCH(QString, typed);
        QFETCH(QString, target);
        QCOMPARE(targetTyped(typed).value_or(QString()), target);
    }

    void anAddressMayBeTooLong()
    {
        const QString head = QStringLiteral("https://a.org/");
        const auto of = [&head](qsizetype bytes) {
            return targetTyped(head + QString(bytes - head.size(), QChar(u'x')));
        };
        QVERIFY(of(kTargetBytesMax));
        QVERIFY(!of(kTargetBytesMax + 1));
        QVERIFY(!of(1'000'000));
    }

    void whatStandsBeforeABlank_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("found");
        QTest::addColumn<QString>("target");
        const auto row = [](const char *line, const char *found, const char *target) {
            QTest::newRow(line) << QString::fromUtf8(line) << QString::fromUtf8(found)
                                << QString::fromUtf8(target);
        };
        row("see https://a.org/b", "https://a.org/b", "https://a.org/b");
        row("(see https://a.org/b).", "https://a.org/b", "https://a.org/b");
        row("https://a.org/b_(c)", "https://a.org/b_(c)", "https://a.org/b_(c)");
        row("\u201Chttps://a.org\u201D,", "https://a.org", "https://a.org");
        row("www.a.org!", "www.a.org", "https://www.a.org");
        row("ask thea@a.org;", "thea@a.org", "mailto:thea@a.org");
        row("a.org", "", ""); // "e.g.", "notes.md": no
        row("https://", "", "");
        row("javascript:alert(1)", "", "");
        row("file:///etc/passwd", "", "");
        row("word", "", "");
        row("", "", "");
        row("...", "", "");
    }

    void whatStandsBeforeABlank()
    {
        QFETCH(QString, line);
        QFETCH(QString, found);
        QFETCH(QString, target);
        const auto address = addressBefore(line, line.size());
        QCOMPARE(address.has_value(), !found.isEmpty());
        if (!address)
            return;
        QCOMPARE(line.mid(address->from, address->to - address->from), found);
        QCOMPARE(address->target, target);
    }

    void whatIsHiddenIsShown()
    {
        QCOMPARE(shownTarget(QStringLiteral("https://a.org/\u202Egpj.exe")),
                 QStringLiteral("https://a.org/%E2%80%AEgpj.exe"));
        QCOMPARE(shownTarget(QStringLiteral("a\nb\tc d\u200B")),
                 QStringLiteral("a%0Ab%09c%20d%E2%80%8B"));
        QCOMPARE(shownTarget(QStringLiteral("https://παράδειγμα.ελ/\U0001F33F")),
                 QStringLiteral("https://παράδειγμα.ελ/\U0001F33F"));
        const QString lone = shownTarget(QString(QChar(0xD800)));
        QVERIFY(lone.isValidUtf16());
        QString huge(1'000'000, QChar(u'a'));
        huge += QStringLiteral(".exe");
        QVERIFY(shownTarget(huge).size() < 300);
        QVERIFY(shownTarget(huge).endsWith(QStringLiteral(".exe")));
        QString pairs;
        for (int i = 0; i < 1000; ++i)
            pairs += QStringLiteral("\U0001F33F");
        QVERIFY(shownTarget(pairs).isValidUtf16());
    }

    void wordsThatSayAnotherAddress_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("target");
        QTest::addColumn<QString>("pretends"); // empty: they do not
        const auto row = [](const char *words, const char *target, const char *pretends) {
            QTest::newRow(words) << QString::fromUtf8(words) << QString::fromUtf8(target)
                                 << QString::fromUtf8(pretends);
        };
        row("the bank", "https://evil.org", "");
        row("https://bank.com/login", "https://evil.org", "https://bank.com/login");
        row("log in at bank.com, now", "https://evil.org", "bank.com");
        row("www.bank.com", "https://bank.com.evil.org", "www.bank.com");
        row("bank.com ", "https://bank.com@evil.org", "bank.com");
        row("bank.com", "https://www.bank.com/x", "");
        row("bank.org", "https://login.bank.org", "");
        row("login.bank.org", "https://bank.org", "");
        row("notbank.com", "https://bank.com", "notbank.com");
        row("thea@a.org", "mailto:mallory@a.org", "thea@a.org");
        row("thea@b.org", "mailto:thea@b.org", "");
        row("bank.net", "javascript:alert(1)", "bank.net");
        row("notes.md", "https://a.org/notes", "");
        row("BANK.com", "https://bank.com", "");
    }

    void wordsThatSayAnotherAddress()
    {
        QFETCH(QString, words);
        QFETCH(QString, target);
        QFETCH(QString, pretends);
        QCOMPARE(pretended(words, target).value_or(QString()), pretends);
    }

    void whatIsOpened_data()
    {
        QTest::addColumn<QString>("target");
        QTest::addColumn<bool>("isOpened");
        const auto row = [](const char *target, bool isOpened) {
            QTest::newRow(target) << QString::fromUtf8(target) << isOpened;
        };
        row("https://a.org", true);
        row("HTTP://a.org/x", true);
        row("mailto:a@b.org", true);
        row("nlbd:lamp", true);
        row("javascript:alert(1)", false);
        row("file:///bin/sh", false);
        row("smb://a/b", false);
        row("data:text/html,x", false);
        row("vbscript:x", false);
        row("ms-msdt:/id", false);
        row("https:", false);
        row("https://", false);
        row("word", false);
        row("", false);
    }

    void whatIsOpened()
    {
        QFETCH(QString, target);
        QFETCH(bool, isOpened);
        QCOMPARE(mayOpen(target).has_value(), isOpened);
    }

    void theWordsTellTheHostAsTheNetworkKnowsIt()
    {
        // The first letter is Cyrillic.
        const QString target = QStringLiteral("https://\u0430pple.com");
        QVERIFY(words::leadsTo(target, QStringLiteral("fruit")).contains(QStringLiteral("xn--")));
        QVERIFY(!words::leadsTo(QStringLiteral("https://apple.com"), {})
                     .contains(QStringLiteral("xn--")));
        const QString refused = words::isNotOpened(QStringLiteral("x:<img src=a>"));
        QVERIFY(!refused.contains(QStringLiteral("<img")));
    }
};

QTEST_MAIN(LinkTargetTest)
#include "link_target_test.moc"
