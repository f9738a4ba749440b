#include "core/base/harmless_name.h"
#include "core/base/random.h"
#include "core/base/utf8.h"

#include <QTest>

using namespace nlbd;

class HarmlessNameTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void names_data()
    {
        QTest::addColumn<QByteArray>("given");
        QTest::addColumn<QByteArray>("called");
        const auto row = [](const char *what, const QByteArray &given, const QByteArray &called) {
            QTest::newRow(what) << given << called;
        };
        row("plain", "Plan 2.pdf", "Plan 2.pdf");
        row("letters", "Gärten 漢字 😀.png", "Gärten 漢字 😀.png");
        row("path", "/etc/passwd", "passwd");
        row("up", "../../.bashrc", "bashrc");
        row("windows path", "C:\\Windows\\cmd.exe", "cmd.exe");
        row("folder", "a/b/", "file");
        row("dots", "...", "file");
        row("empty", "", "file");
        row("hidden", ".profile", "profile");
        row("spaces", "  a .pdf. . ", "a .pdf");
        row("stream", "a.txt:evil.exe", "a.txt_evil.exe");
        row("wildcards", "a*b?.txt", "a_b_.txt");
        row("nul", QByteArray("a\0b.txt", 7), "ab.txt");
        row("newline", "a\nb\r.txt", "ab.txt");
        row("escape", "\x1b[31mred.txt", "[31mred.txt");
        row("override", "photo_\u202Egpj.exe", "photo_gpj.exe");
        row("isolate", "a\u2066b\u2069.txt", "ab.txt");
        row("mark", "a\u200F\u061C.txt", "a.txt");
        row("zero width", "a\u200B\uFEFF\u2060b.txt", "ab.txt");
        row("soft hyphen", "a\u00ADb", "ab");
        row("tags", "a\U000E0041b", "ab");
        row("next line", "a\u0085b", "ab");
        row("not utf-8", "\xFF\xFE.txt", "file");
        for (const char *device : {"CON", "nul", "Aux", "PRN", "COM1", "lpt9", "CONIN$"})
            row(device, device, QByteArray("_") + device);
        row("device with ending", "con.txt", "_con.txt");
        row("device with space", "con .txt", "_con .txt");
        row("superscript", "com\u00B9", "_com\u00B9");
        row("no device", "conto.txt", "conto.txt");
        row("no port", "com10", "com10");
        row("long", QByteArray(5000, 'a') + ".pdf", QByteArray(196, 'a') + ".pdf");
    }
    void names()
    {
        QFETCH(QByteArray, given);
        QFETCH(QByteArray, called);
        QCOMPARE(QByteArray::fromStdString(harmlessName(given.toStdString())), called);
    }
    void theSameAgain()
    {
        SeededRandom chance(3);
        const char *parts[] = {
            "a",    ".",  " ", "con", "COM1",   "/",      "\\",   ":",
            "\xFF", "漢", "😀", "\n",  "\u202E", "\u200B", ".exe", "xxxxxxxxxxxxxxxxxxxx"};
        for (int i = 0; i < 20'000; ++i) {
            std::string name;
            for (std::uint64_t n = chance.below(30); n > 0; --n)
                name += parts[chance.below(std::size(parts))];
            const std::string called = harmlessName(name);
            QVERIFY(!called.empty() && called.size() <= 200 && utf8::isValid(called));
            QVERIFY(called.find_first_of("/\\:\n") == std::string::npos);
            QVERIFY(called.front() != '.' && called.back() != '.' && called.back() != ' ');
            QCOMPARE(harmlessName(called), called);
        }
    }
    void whatMayRun()
    {
        for (const char *name :
             {"a.exe", "A.EXE", "b.desktop", "c.sh", "d.html", "e.txt.scr", "f.svg"})
            QVERIFY2(mayRun(name), name);
        for (const char *name : {"a.pdf", "b.png", "exe", "c.exe.txt", ""})
            QVERIFY2(!mayRun(name), name);
    }
};

QTEST_GUILESS_MAIN(HarmlessNameTest)
#include "harmless_name_test.moc"
