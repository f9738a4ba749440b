#include "core/base/check.h"
#include "core/engine/engine.h"
#include "core/store/sqlite_store.h"
#include "figure.h"
#include "tests/support/trace.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>

using namespace nlbd;
using namespace nlbd::bench;

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kUsage =
    "bench_past --trace FILE [--folder FOLDER] [--edits N]\n"
    "Somebody writes a recording alone, and takes a checkpoint: what putting away the past costs\n"
    "and saves. Bytes of the databases and time to open, before and after; one piece of it.\n"
    "  --trace FILE      gzipped, as tests/vectors/traces/README.md says\n"
    "  --folder FOLDER   where the workspace is made (bench_past.tmp; it is emptied)\n"
    "  --edits N         that are one change at the most (30)\n";

struct Options {
    std::string trace;
    fs::path folder = "bench_past.tmp";
    std::size_t edits = 30;
};

std::optional<Options> readOptions(std::span<char *const> arguments)
{
    Options options;
    for (std::size_t at = 0; at + 1 < arguments.size(); at += 2) {
        const std::string_view word = arguments[at];
        if (word == "--trace")
            options.trace = arguments[at + 1];
        else if (word == "--folder")
            options.folder = arguments[at + 1];
        else if (word == "--edits")
            options.edits = std::strtoul(arguments[at + 1], nullptr, 10);
        else
            return std::nullopt;
    }
    const bool isSound = arguments.size() % 2 == 0 && !options.trace.empty() && options.edits > 0;
    return isSound ? std::optional(options) : std::nullopt;
}

double processMs()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// One computer with one workspace. Its disk answers when it is asked to, so that many changes
/// share a sync; nobody else is there.
class Desk {
public:
    explicit Desk(fs::path folder)
        : m_folder(std::move(folder))
        , m_random(7)
        , m_device(identity::SecretKey::generate(m_random))
        , m_key(keys::WorkspaceKey::generate(m_random))
    {
        const auto person = identity::SecretKey::generate(m_random);
        identity::Genesis &genesis = m_genesis.genesis;
        m_random.fill(genesis.random);
        genesis.name = "Past";
        genesis.keyCommit = m_key.commitment();
        genesis.founders.push_back(
            {person.publicKey(), "Writer", m_device.publicKey(),
             identity::certifyDevice(m_scheme, person, m_device.publicKey())});
        m_genesis.signatures.push_back(identity::signGenesis(m_scheme, person, genesis));
        m_now.mono = MonoTime(Millis(1'000'000));
        m_now.wall = WallTime(Millis(1'700'000'000'000));
    }

    /// Reads all that is stored; CPU time in milliseconds.
    double open()
    {
        close();
        const double begin = processMs();
        auto storage = store::SqliteStore::open(m_folder);
        CHECK(storage.has_value());
        m_storage = std::move(*storage);
        const auto stored = m_storage->load();
        CHECK(stored && stored->repairs.empty());
        m_engine = std::make_unique<engine::Engine>(engine::EngineConfig{
            m_genesis, m_device.clone(), m_key.clone(), m_scheme, m_random, engine::BootGuard::Off,
            std::nullopt, UINT32_MAX, std::chrono::hours(24)});
        engine::Actions actions = m_engine->load(*stored, m_now);
        const double time = processMs() - begin;
        take(std::move(actions));
        return time;
    }
    void close()
    {
        m_engine.reset();
        m_storage.reset();
    }

    /// CPU time of the step that puts a piece away, if it is one.
    void step(engine::Event event)
    {
        const double begin = processMs();
        engine::Actions actions = m_engine->step(std::move(event), m_now);
        const double time = processMs() - begin;
        if (take(std::move(actions)))
            m_pieces.push_back(time);
    }
    void pass(Millis timer, Millis civil)
    {
        m_now.mono += timer;
        m_now.wall += civil;
    }

    /// Writes what waits, and answers, until nothing waits any more.
    void settle()
    {
        while (!m_waiting.empty()) {
            store::Rows rows;
            for (const engine::Persist &persist : m_waiting)
                rows.insert(rows.end(), persist.rows.begin(), persist.rows.end());
            CHECK(m_storage->commit(rows, store::Sync::Lazy).has_value());
            const engine::PersistToken last = m_waiting.back().token;
            m_waiting.clear();
            step(engine::Persisted{last});
        }
    }
    [[nodiscard]] std::size_t waiting() const { return m_waiting.size(); }

    [[nodiscard]] engine::Engine &engine() { return *m_engine; }
    [[nodiscard]] const std::vector<double> &pieces() const { return m_pieces; }
    [[nodiscard]] double bytesOf(const char *file) const
    {
        return static_cast<double>(fs::file_size(m_folder / file));
    }

private:
    /// True if a pack is among what is to be stored.
    bool take(engine::Actions actions)
    {
        bool hasPack = false;
        for (engine::Action &action : actions)
            if (auto *persist = std::get_if<engine::Persist>(&action)) {
                hasPack = hasPack || std::ranges::any_of(persist->rows, [](const store::Row &row) {
                              return std::holds_alternative<store::PackRow>(row);
                          });
                m_waiting.push_back(std::move(*persist));
            }
        return hasPack;
    }

    fs::path m_folder;
    SeededRandom m_random;
    identity::Ed25519 m_scheme;
    identity::SecretKey m_device;
    keys::WorkspaceKey m_key;
    identity::SignedGenesis m_genesis;
    Now m_now;
    std::unique_ptr<store::SqliteStore> m_storage;
    std::unique_ptr<engine::Engine> m_engine;
    std::vector<engine::Persist> m_waiting;
    std::vector<double> m_pieces;
};

void write(Desk &desk, const test::Trace &trace, std::size_t editsPerChange)
{
    constexpr std::size_t kBatch = 256;
    SeededRandom random(11);
    desk.step(api::Command(api::CreateDocument{1, "Paper", ""}));
    desk.settle();
    const DocIndex doc = *desk.engine().findDocument("Paper");
    desk.step(api::Command(api::OpenDocument{doc, 1}));
    std::uint64_t serial = 0;
    for (const test::Trace::Transaction &transaction : trace.transactions) {
        desk.pass(Millis(1), Millis(80 + static_cast<int>(random.below(240))));
        desk.step(api::Command(api::EditText{doc, 1, 0, ++serial, transaction.patches}));
        if (serial % editsPerChange == 0)
            desk.step(api::Command(api::Flush{}));
        if (serial % (8 * editsPerChange) == 0)
            desk.pass(Millis(1), Millis(static_cast<int>(random.below(60'000))));
        if (desk.waiting() > kBatch)
            desk.settle();
    }
    desk.step(api::Command(api::Flush{}));
    desk.settle();
    CHECK(desk.engine().text(doc) == trace.endContent);
}

void putAway(Desk &desk)
{
    api::Wish wish;
    wish.kind = api::Wish::Kind::Checkpoint;
    desk.step(api::Command(api::Propose{1, wish}));
    for (int i = 0; i < 4000 && desk.engine().packed() < desk.engine().snapshot().changes; ++i) {
        desk.settle();
        desk.pass(Millis(20), Millis(20));
        desk.step(engine::Tick{});
    }
    desk.settle();
    CHECK(desk.engine().packed() == desk.engine().snapshot().changes);
}

double openingTime(Desk &desk)
{
    std::vector<double> times;
    for (int i = 0; i < 5; ++i)
        times.push_back(desk.open());
    std::ranges::sort(times);
    return times[times.size() / 2];
}

int run(const Options &options)
{
    const auto trace = test::readTrace(options.trace);
    if (!trace) {
        std::fprintf(stderr, "%s\n", trace.error().c_str());
        return 2;
    }
    const std::string name = fs::path(options.trace).stem().stem().string();
    const auto say = [&name](const char *what, double value, const char *unit) {
        std::puts(lineOf({what, value, unit, std::nullopt, "", name}).c_str());
    };
    fs::remove_all(options.folder);
    Desk desk(options.folder);
    (void)desk.open();
    write(desk, *trace, options.edits);
    say("past_changes", static_cast<double>(desk.engine().snapshot().changes), "changes");
    const double opening = openingTime(desk);
    desk.close();
    say("past_text_db_before", desk.bytesOf("text.db"), "bytes");
    say("past_journal_db", desk.bytesOf("journal.db"), "bytes");
    say("past_open_before", opening, "ms");
    (void)desk.open();
    putAway(desk);
    const Bytes archive = *desk.engine().archive();
    std::vector<double> pieces = desk.pieces();
    std::ranges::sort(pieces);
    say("past_pieces", static_cast<double>(pieces.size()), "pieces");
    say("past_piece_median", pieces[pieces.size() / 2], "ms");
    say("past_piece_longest", pieces.back(), "ms");
    const double openingAfter = openingTime(desk);
    CHECK(desk.engine().archive() == archive); // all of it, bit for bit
    desk.close();
    say("past_text_db_after", desk.bytesOf("text.db"), "bytes");
    say("past_open_after", openingAfter, "ms");
    fs::remove_all(options.folder);
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    const auto options =
        readOptions(std::span<char *const>(argv + 1, static_cast<std::size_t>(argc - 1)));
    if (!options) {
        std::fputs(kUsage.data(), stderr);
        return 2;
    }
    return run(*options);
}
