#include "tests/support/script.h"

#include <QTest>
#include <rapidcheck.h>

#include <csignal>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nlbd;
using test::Script;
using test::Step;
using test::Width;

namespace {

constexpr std::size_t kPeople = 3;

/// True if all documents agreed. In a process of its own: so whatever ends it, a broken CHECK, a
/// sanitizer or a signal, is a failure that can be made smaller.
bool agrees(Width width, const Script &script, bool isTold = false)
{
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS})
            std::signal(signal, SIG_DFL); // Qt Test would call a debugger
        const rlimit none{0, 0};
        setrlimit(RLIMIT_CORE, &none);
        if (!isTold)
            (void)!freopen("/dev/null", "w", stderr);
        (void)runScript(kPeople, width, script, test::Care::Each, isTold ? stderr : nullptr);
        _exit(0);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
        && WEXITSTATUS(status) == 0;
}

/// Steps of small numbers, each of which can become smaller; 0 is the first person and the first
/// letter.
rc::Gen<Script> scripts()
{
    const auto byte = rc::gen::inRange<unsigned>(0, 256);
    const auto act = rc::gen::inRange<unsigned>(0, 32);
    const auto step =
        rc::gen::map(rc::gen::tuple(rc::gen::inRange<unsigned>(0, kPeople), act, byte, byte, byte),
                     [](const auto &it) {
                         const auto &[person, what, a, b, c] = it;
                         return Step{std::uint8_t(person), std::uint8_t(what), std::uint8_t(a),
                                     std::uint8_t(b), std::uint8_t(c)};
                     });
    return rc::gen::container<Script>(step);
}

} // namespace

namespace nlbd::test {

/// As it stands in a source, for a test of its own.
void showValue(const Step &step, std::ostream &out)
{
    out << '{' << int(step.person) << ", " << int(step.what) << ", " << int(step.a) << ", "
        << int(step.b) << ", " << int(step.c) << '}';
}

} // namespace nlbd::test

/// Random people against the oracle as crdt_worlds runs them, fewer; but what fails is made smaller
/// until nothing of it can be left out, and then told in sentences.
class ShrinkingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyScriptAgrees_data()
    {
        QTest::addColumn<bool>("isRich");
        QTest::newRow("plain") << false;
        QTest::newRow("rich") << true;
    }

    void everyScriptAgrees()
    {
        QFETCH(bool, isRich);
        const Width width = isRich ? Width::Rich : Width::Plain;
        Script smallest;
        const bool isRight = rc::check([&] {
            const Script script = *scripts();
            if (agrees(width, script))
                return;
            smallest = script;
            RC_FAIL("a document contradicts the oracle");
        });
        if (!isRight)
            (void)agrees(width, smallest, true);
        QVERIFY(isRight);
    }

    /// Scripts that once failed.
    void theseAgree_data()
    {
        QTest::addColumn<bool>("isRich");
        QTest::addColumn<Script>("script");
        // A letter at the end of a link goes and comes back: what is typed behind it is no link.
        QTest::newRow("typing behind what came back")
            << true << Script{{0, 0, 0, 0, 0},  {0, 0, 1, 1, 0}, {0, 12, 1, 1, 1}, {0, 3, 0, 0, 0},
                              {0, 2, 1, 0, 0},  {0, 3, 0, 0, 0}, {0, 2, 0, 0, 0},  {0, 3, 0, 0, 0},
                              {0, 21, 2, 0, 0}, {0, 0, 1, 0, 0}};
    }

    void theseAgree()
    {
        QFETCH(bool, isRich);
        QFETCH(Script, script);
        QVERIFY(agrees(isRich ? Width::Rich : Width::Plain, script));
    }
};

QTEST_APPLESS_MAIN(ShrinkingTest)
#include "shrinking_test.moc"
