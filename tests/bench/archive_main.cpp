#include "core/base/check.h"
#include "core/history/archive.h"
#include "core/history/archive_columns.h"
#include "core/history/checkpoint.h"
#include "core/history/state_root.h"
#include "crdt_disk.h"
#include "figure.h"
#include "tests/support/signed_trace.h"

#include <cstdio>
#include <filesystem>

using namespace nlbd;
using namespace nlbd::bench;

namespace {

/// What trust may cost on top of the bare ops: times, headers and signatures, also where people
/// answer each other every few letters.
constexpr double kOverUnsignedMax = 1.5;

/// What diamond-types needs for the same history, unsigned and compressed.
std::optional<double> unsignedElsewhere(const std::string &trace)
{
    if (trace == "automerge-paper")
        return 106'246;
    if (trace == "friendsforever")
        return 35'702;
    return std::nullopt;
}

struct Options {
    std::filesystem::path trace;
    std::size_t repetitions = 5;
    std::size_t editsPerChange = 30;
    bool isStrict = false;
};

constexpr std::string_view kUsage =
    "bench_archive --trace FILE [--quick] [--strict] [--repetitions N] [--edits N]\n"
    "A recording of real writing as a signed history: its bytes and CPU time as an archive.\n"
    "  --trace FILE      gzipped, as tests/vectors/traces/README.md says\n"
    "  --quick           one repetition\n"
    "  --repetitions N   whose medians are shown (5)\n"
    "  --edits N         that are one change at the most (30)\n"
    "  --strict          exit code 1 if a goal is not met\n";

std::optional<Options> readOptions(std::span<char *const> arguments)
{
    Options options;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view word = arguments[at];
        const bool hasNext = at + 1 < arguments.size();
        if (word == "--quick")
            options.repetitions = 1;
        else if (word == "--strict")
            options.isStrict = true;
        else if (word == "--trace" && hasNext)
            options.trace = arguments[++at];
        else if (word == "--repetitions" && hasNext)
            options.repetitions = std::strtoul(arguments[++at], nullptr, 10);
        else if (word == "--edits" && hasNext)
            options.editsPerChange = std::strtoul(arguments[++at], nullptr, 10);
        else
            return std::nullopt;
    }
    const bool isSound =
        !options.trace.empty() && options.repetitions > 0 && options.editsPerChange > 0;
    return isSound ? std::optional(options) : std::nullopt;
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

template <typename Work>
double msOf(Work work)
{
    const double start = cpuMs();
    work();
    return cpuMs() - start;
}

struct Samples {
    std::vector<double> encode;
    std::vector<double> verify;
    std::vector<double> verifyAll;
    std::vector<double> records;
    std::vector<double> root;
    std::vector<double> checkpoint;
    std::vector<double> openCheckpoint;
};

struct Sizes {
    std::size_t archive = 0;
    std::size_t all = 0;
    std::size_t unsigned_ = 0;
    std::size_t records = 0;
    std::size_t shortForms = 0;
    std::size_t checkpoint = 0;
    std::map<std::string, std::size_t> parts;
};

/// The ops as they were sealed.
Recorded plaintextsOf(const test::SignedTrace &source)
{
    Recorded result;
    for (const history::UnverifiedChange &change : source.changes())
        result.push_back(test::contentOf(source.group(), change));
    return result;
}

/// What an archive consists of: signatures, ops, times and the rest of the headers.
std::map<std::string, std::size_t> partsOf(const Bytes &archive)
{
    std::map<std::string, std::size_t> parts;
    Reader in(archive);
    (void)in.raw(history::kArchiveMagic.size() + 1 + WorkspaceId::kSize + 1);
    (void)in.varint();
    for (std::size_t part = 0; part < history::kArchiveParts; ++part) {
        const std::size_t before = in.left();
        (void)crdt::readPacked(in);
        const bool isTime = part == static_cast<std::size_t>(history::ArchivePart::TimesLow)
            || part == static_cast<std::size_t>(history::ArchivePart::TimesHigh);
        parts[isTime ? "times" : "headers"] += before - in.left();
    }
    parts["ops"] = in.blob(in.left()).size();
    parts["signatures"] = in.left();
    return parts;
}

class Bench {
public:
    Bench(const test::SignedTrace &source, std::vector<Bytes> records)
        : m_source(&source)
        , m_records(std::move(records))
    {
    }

    [[nodiscard]] Bytes encode(history::ArchiveSignatures signatures) const
    {
        auto bytes = history::encodeArchive(m_source->changes(), m_source->group().configuration,
                                            m_source->keyLookup(), signatures);
        CHECK(bytes.has_value());
        return std::move(*bytes);
    }

    /// Everything made again and compared with what was signed.
    void verify(const Bytes &archive) const
    {
        const auto changes =
            history::decodeArchive(archive, m_source->group().configuration,
                                   m_source->group().scheme, m_source->keyLookup());
        CHECK(changes && changes->size() == m_records.size());
        CHECK(changes->back().change.hash == m_source->changes().back().hash);
    }

    /// The same from records as they travel, each with its own signature.
    void verifyRecords() const
    {
        const test::Group &group = m_source->group();
        for (const Bytes &record : m_records) {
            const auto change = history::decodeFull(record);
            CHECK(change.has_value());
            const history::ChangeHeader &header = change->header;
            CHECK(group.scheme.verify(group.people[header.device.value].device.publicKey(),
                                      domains::kChange, group.configuration.workspace, change->hash,
                                      change->signature));
            CHECK(!test::contentOf(group, *change).empty());
        }
    }

private:
    const test::SignedTrace *m_source;
    std::vector<Bytes> m_records;
};

/// What a checkpoint of the same history costs: a seat that computes the root, a member that packs
/// the snapshot, a newcomer that believes it.
class CheckpointBench {
public:
    explicit CheckpointBench(const test::SignedTrace &source)
        : m_source(&source)
        , m_replica(source.group(), 0)
    {
        for (const history::UnverifiedChange &change : source.changes())
            CHECK(m_replica.receive(change).has_value());
    }

    /// As after a start: no content was looked at yet.
    [[nodiscard]] Hash root()
    {
        const auto root = history::stateRoot(
            {m_replica.graph, [this](DocIndex doc) { return &m_replica.document(doc); },
             [](ChangeHandle) { return true; }, [](ChangeHandle) { return false; },
             [this](ChangeHandle change) {
                 return std::optional(history::contentHash(
                     test::contentOf(m_source->group(), m_source->changes()[change.value - 1])));
             }});
        CHECK(root.has_value());
        return *root;
    }
    [[nodiscard]] Bytes pack() const
    {
        std::vector<history::DecidedChange> decided;
        for (const history::UnverifiedChange &change : m_source->changes())
            decided.push_back(
                {change.header, test::contentOf(m_source->group(), change), change.hash});
        auto bytes = history::encodeCheckpoint(decided, m_source->group().configuration);
        CHECK(bytes.has_value());
        return std::move(*bytes);
    }
    void open(const Bytes &snapshot, const Hash &root) const
    {
        CHECK(history::openCheckpoint(snapshot, m_source->group().configuration, root).has_value());
    }

private:
    const test::SignedTrace *m_source;
    test::Replica m_replica;
};

void measureCheckpoint(const test::SignedTrace &source, std::size_t repetitions, Sizes &sizes,
                       Samples &samples)
{
    CheckpointBench bench(source);
    const Hash root = bench.root();
    const Bytes snapshot = bench.pack();
    sizes.checkpoint = snapshot.size();
    for (std::size_t i = 0; i < repetitions; ++i) {
        samples.root.push_back(msOf([&] { (void)bench.root(); }));
        samples.checkpoint.push_back(msOf([&] { (void)bench.pack(); }));
        samples.openCheckpoint.push_back(msOf([&] { bench.open(snapshot, root); }));
    }
}

std::vector<Figure> figuresOf(const std::string &trace, const Sizes &sizes, const Samples &samples,
                              std::size_t changes)
{
    std::vector<Figure> figures;
    const auto add = [&](const std::string &name, double value, const std::string &unit,
                         std::optional<double> goal = {}) {
        figures.push_back({name, value, unit, goal, "nlbd", trace});
    };
    const auto bytes = [&](const std::string &name, std::size_t count) {
        add(name, static_cast<double>(count), "B");
    };
    add("archive_changes", static_cast<double>(changes), "changes");
    add("archive_bytes", static_cast<double>(sizes.archive), "B", unsignedElsewhere(trace));
    for (const auto &[part, count] : sizes.parts)
        bytes("archive_bytes_of_" + part, count);
    bytes("archive_bytes_all_signatures", sizes.all);
    bytes("archive_unsigned_bytes", sizes.unsigned_);
    bytes("archive_record_bytes", sizes.records);
    bytes("archive_record_bytes_short", sizes.shortForms);
    const auto archive = static_cast<double>(sizes.archive);
    add("archive_over_unsigned", archive / static_cast<double>(sizes.unsigned_), "x",
        kOverUnsignedMax);
    add("archive_over_records", archive / static_cast<double>(sizes.records), "x");
    add("archive_encode", median(samples.encode), "ms");
    add("archive_verify", median(samples.verify), "ms");
    add("archive_verify_per_change", median(samples.verify) * 1000 / static_cast<double>(changes),
        "us");
    add("archive_verify_all_signatures", median(samples.verifyAll), "ms");
    add("archive_verify_records", median(samples.records), "ms");
    bytes("checkpoint_bytes", sizes.checkpoint);
    add("checkpoint_root", median(samples.root), "ms");
    add("checkpoint_encode", median(samples.checkpoint), "ms");
    add("checkpoint_open", median(samples.openCheckpoint), "ms");
    return figures;
}

int run(const Options &options)
{
    const identity::Ed25519 scheme;
    const auto trace = test::readTrace(options.trace.string());
    if (!trace) {
        std::fprintf(stderr, "bench_archive: %s\n", trace.error().c_str());
        return 2;
    }
    const auto source = test::SignedTrace::make(*trace, options.editsPerChange, scheme);
    if (!source) {
        std::fputs("bench_archive: the text that came out is not the trace's own\n", stderr);
        return 2;
    }
    Sizes sizes;
    std::vector<Bytes> records;
    for (const history::UnverifiedChange &change : source->changes()) {
        records.push_back(history::encodeFull(change));
        sizes.records += records.back().size();
        sizes.shortForms += history::encodeShort(change).size();
    }
    const Plan plan = planFor(*trace, options.editsPerChange);
    const PlannedHistory history(plan, PlannedHistory::Ties::LowLaneFirst);
    sizes.unsigned_ =
        batchOf(history, plaintextsOf(*source), crdt::ColumnPacker::Effort::Smallest).size();

    const Bench bench(*source, std::move(records));
    const Bytes archive = bench.encode(history::ArchiveSignatures::Tails);
    const Bytes all = bench.encode(history::ArchiveSignatures::All);
    sizes.archive = archive.size();
    sizes.parts = partsOf(archive);
    sizes.all = all.size();
    Samples samples;
    for (std::size_t i = 0; i < options.repetitions; ++i) {
        samples.encode.push_back(
            msOf([&] { (void)bench.encode(history::ArchiveSignatures::Tails); }));
        samples.verify.push_back(msOf([&] { bench.verify(archive); }));
        samples.verifyAll.push_back(msOf([&] { bench.verify(all); }));
        samples.records.push_back(msOf([&] { bench.verifyRecords(); }));
    }
    measureCheckpoint(*source, options.repetitions, sizes, samples);
    std::string name = options.trace.filename().string();
    name = name.substr(0, name.find('.'));
    bool isMet = true;
    for (const Figure &figure : figuresOf(name, sizes, samples, source->changes().size())) {
        std::printf("%s\n", lineOf(figure).c_str());
        isMet = isMet && !figure.isMissed();
    }
    return isMet || !options.isStrict ? 0 : 1;
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
