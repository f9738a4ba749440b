#include "ui/code/code_scan.h"

#include <QTest>

#include <random>

using namespace nlbd::ui;

/// What the letters of code are, line by line.
class CodeScanTest : public QObject {
    Q_OBJECT

private:
    /// Each line with its tokens as "kind:text", lines after one another.
    static QStringList read(const char *language, const QStringList &lines)
    {
        static const char *const kKinds[] = {"plain",  "keyword", "name", "string",
                                             "number", "comment", "tag"};
        QStringList said;
        CodeState state = 0;
        for (const QString &line : lines) {
            std::vector<CodeToken> tokens;
            state = scanCode(*languageCalled(language), line, state, &tokens);
            for (const CodeToken &token : tokens)
                said.append(QLatin1String(kKinds[static_cast<int>(token.kind)]) + u':'
                            + line.mid(token.from, token.to - token.from));
        }
        return said;
    }

private Q_SLOTS:
    void lettersOfCode_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<QStringList>("lines");
        QTest::addColumn<QStringList>("tokens");
        using Texts = std::initializer_list<const char *>;
        const auto row = [](const char *language, const char *name, Texts lines, Texts tokens) {
            const auto listOf = [](Texts texts) {
                QStringList list;
                for (const char *text : texts)
                    list.append(QString::fromUtf8(text));
                return list;
            };
            QTest::addRow("%s %s", language, name)
                << QString::fromLatin1(language) << listOf(lines) << listOf(tokens);
        };
        row("cpp", "words", {"#include <map>", "int main() { return 0x1F; } // \"end\""},
            {"keyword:#include", "tag:int", "name:main", "keyword:return", "number:0x1F",
             "comment:// \"end\""});
        row("c++", "comment of three lines", {"a /* b", "return 1;", "c */ return"},
            {"comment:/* b", "comment:return 1;", "comment:c */", "keyword:return"});
        row("cpp", "strings", {"auto s = \"a\\\"b // c\"; char c = '\\'';", "x"},
            {"keyword:auto", "string:\"a\\\"b // c\"", "tag:char", "string:'\\''"});
        row("cpp", "a string ends with its line", {"\"open", "return"},
            {"string:\"open", "keyword:return"});
        row("python", "words", {"@cache", "def f(x):  # why", "    return None"},
            {"name:@cache", "keyword:def", "name:f", "comment:# why", "keyword:return",
             "tag:None"});
        row("py", "a text of lines", {"x = \"\"\"one", "def '''", "\"\"\" + 'a'"},
            {"string:\"\"\"one", "string:def '''", "string:\"\"\"", "string:'a'"});
        row("javascript", "a template", {"const a = `x", "${y} return`;"},
            {"keyword:const", "string:`x", "string:${y} return`"});
        row("json", "keys", {"{\"a\": \"b\", \"c\" : [1.5e3, true]}"},
            {"name:\"a\"", "string:\"b\"", "name:\"c\"", "number:1.5e3", "tag:true"});
        row("bash", "variables", {"for f in $HOME/${x}; do # all", "echo \"$# a\"; done"},
            {"keyword:for", "keyword:in", "name:$HOME", "name:${x}", "keyword:do", "comment:# all",
             "tag:echo", "string:\"$# a\"", "keyword:done"});
        row("html", "a tag of two lines", {"<a href=\"x", "y\" id>&amp; if</a> <!-- n -->"},
            {"tag:<a", "name:href", "string:\"x", "string:y\"", "name:id", "tag:>", "number:&amp;",
             "tag:</a>", "comment:<!-- n -->"});
        row("css", "a rule", {"@media p { .box-a { color: #fff; width: 10px } } /* c */"},
            {"name:@media", "name:.box-a", "keyword:color:", "name:#fff",
             "keyword:width:", "number:10px", "comment:/* c */"});
        row("sql", "any case", {"SELECT count(*) From t -- all", "where a = 'it''s'"},
            {"keyword:SELECT", "tag:count", "keyword:From", "comment:-- all", "keyword:where",
             "string:'it''s'"});
        row("rust", "nested comments", {"/* a /* b */", "c */ fn f<'a>(x: &'a str)"},
            {"comment:/* a /* b */", "comment:c */", "keyword:fn", "tag:str"});
        row("go", "a raw text", {"func f() { s := `a", "func` }"},
            {"keyword:func", "name:f", "string:`a", "string:func`"});
        row("markdown", "a page", {"# Head", "- a `b` **c**", "> said", "```", "# no", "```"},
            {"keyword:# Head", "tag:-", "string:`b`", "keyword:**c**", "comment:> said",
             "string:```", "string:# no", "string:```"});
        row("txt", "plain", {"int main() // x"}, {});
    }

    void lettersOfCode()
    {
        QFETCH(QString, language);
        QFETCH(QStringList, lines);
        QFETCH(QStringList, tokens);
        QCOMPARE(read(language.toLatin1().constData(), lines), tokens);
    }

    void namesOfLanguages()
    {
        QVERIFY(codeLanguages().size() >= 12);
        for (const CodeLanguage &language : codeLanguages())
            if (!language.id.empty())
                QCOMPARE(languageCalled(language.id), &language);
        QCOMPARE(languageCalled("C++"), languageCalled("cpp"));
        QCOMPARE(languageCalled("TypeScript"), languageCalled("js"));
        QVERIFY(!languageCalled(""));
        QVERIFY(!languageCalled("klingon"));
        QVERIFY(!languageCalled(std::string(64 * 1024, 'c')));
        QVERIFY(!isLanguageId("a b"));
        QVERIFY(!isLanguageId("\xE2\x80\xAE"));
    }

    /// Whatever is written, tokens are in order, apart and within the line, and no state that comes
    /// from elsewhere leads out of the table.
    void anythingMayStandThere()
    {
        std::mt19937 random(7);
        const QString signs = QStringLiteral("\"'`/*<>-!#&;:{}()\\ab1 \t@$.=\u0416\U0001F33F");
        for (int round = 0; round < 3000; ++round) {
            const auto &languages = codeLanguages();
            const CodeLanguage &language = languages[random() % languages.size()];
            QString line;
            for (std::size_t n = random() % 60; n > 0; --n)
                line += signs[static_cast<qsizetype>(random()) % signs.size()];
            std::vector<CodeToken> tokens;
            const auto before = static_cast<CodeState>(random());
            const CodeState after = scanCode(language, line, before, &tokens);
            qsizetype end = 0;
            for (const CodeToken &token : tokens) {
                QVERIFY(token.from >= end && token.from < token.to);
                end = token.to;
            }
            QVERIFY(end <= line.size());
            QCOMPARE(scanCode(language, line, before), after);
        }
    }

    void aLineOf200000LettersIsReadInPart()
    {
        const QString line = QStringLiteral("if (a) \"b\" /* c */ ").repeated(11'000);
        std::vector<CodeToken> tokens;
        scanCode(*languageCalled("cpp"), line, 0, &tokens);
        QVERIFY(!tokens.empty());
        QVERIFY(tokens.back().to <= kCodeUnitsMax);
    }
};

QTEST_MAIN(CodeScanTest)
#include "code_scan_test.moc"
