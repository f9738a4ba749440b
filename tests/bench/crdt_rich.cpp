#include "crdt_rich.h"

#include "core/base/check.h"
#include "core/base/utf8.h"
#include "crdt_disk.h"

#include <algorithm>

namespace nlbd::bench {

namespace {

constexpr std::size_t kEditsPerMark = 50;
constexpr std::size_t kEditsPerBreak = 200;

/// A mark over letters, or an attribute of one, if the length is 0.
struct Format {
    std::size_t after = 0; ///< patches of the change
    TextOffset from = 0;
    TextOffset length = 0;
    std::string key;
    std::optional<std::string> value;
};

struct RichChange {
    TextPatches patches;
    std::vector<Format> formats; ///< in the order in which they are made
};

/// A break in the text, by the letters of the plain trace before it.
struct Break {
    TextOffset at = 0;
    crdt::Attributes attributes;
};

/// Rewrites a plain trace, change by change.
class RichWriter {
public:
    void add(const TextPatches &plain)
    {
        m_change = RichChange();
        for (const TextPatch &patch : plain) {
            addPatch(patch);
            ++m_edits;
            if (m_edits % kEditsPerMark == 0)
                addMark();
            if (m_edits % kEditsPerBreak == 0)
                addBreak();
        }
        m_changes.push_back(std::move(m_change));
    }
    [[nodiscard]] const std::vector<RichChange> &changes() const { return m_changes; }
    [[nodiscard]] const std::vector<Break> &breaks() const { return m_breaks; }

    [[nodiscard]] std::string textFor(const std::string &plain) const
    {
        std::string text;
        std::string_view rest = plain;
        TextOffset done = 0;
        for (const Break &it : m_breaks) {
            const std::size_t bytes = utf8::bytePosition(rest, it.at - done);
            text.append(rest.substr(0, bytes)) += '\n';
            rest.remove_prefix(bytes);
            done = it.at;
        }
        return text.append(rest);
    }

private:
    /// Who deletes across a break joins two blocks; who types where one is begins behind it.
    void addPatch(const TextPatch &plain)
    {
        const TextOffset end = plain.at + plain.removed;
        const auto isBefore = [](TextOffset at, const Break &it) { return at < it.at; };
        const auto first = std::upper_bound(m_breaks.begin(), m_breaks.end(), plain.at, isBefore);
        auto next = first;
        while (next != m_breaks.end() && next->at < end)
            ++next;
        const auto joined = static_cast<TextOffset>(next - first);
        TextPatch patch = plain;
        patch.at += static_cast<TextOffset>(first - m_breaks.begin());
        patch.removed += joined;
        const auto inserted = static_cast<TextOffset>(utf8::length(plain.inserted));
        for (; next != m_breaks.end(); ++next)
            next->at = next->at - plain.removed + inserted;
        m_breaks.erase(first, first + joined);
        m_caret = patch.at + inserted;
        m_plainCaret = plain.at + inserted;
        m_change.patches.push_back(std::move(patch));
    }

    void addMark()
    {
        const std::size_t number = m_edits / kEditsPerMark;
        const std::string text = std::to_string(number);
        const std::pair<std::string, std::optional<std::string>> kinds[] = {
            {"bold", "1"},      {"italic", "1"},          {"link", "https://example.org/" + text},
            {"code", "1"},      {"comment:" + text, "1"}, {"highlight", "yellow"},
            {"underline", "1"}, {"bold", std::nullopt},
        };
        const TextOffset wanted = 3 + static_cast<TextOffset>(number * 7 % 22);
        const TextOffset length = std::min(wanted, m_caret);
        if (length == 0)
            return;
        const auto &[key, value] = kinds[number % std::size(kinds)];
        m_change.formats.push_back({m_change.patches.size(), m_caret - length, length, key, value});
    }

    void addBreak()
    {
        const std::size_t number = m_edits / kEditsPerBreak;
        const crdt::Attributes kinds[] = {
            {{"block", "heading2"}},
            {{"block", "bulleted"}},
            {{"block", "numbered"}, {"indent", "1"}},
            {{"block", "task"}},
            {{"block", "quote"}},
        };
        const crdt::Attributes &kind = kinds[number % std::size(kinds)];
        m_change.patches.push_back({m_caret, 0, "\n"});
        for (const auto &[key, value] : kind)
            m_change.formats.push_back({m_change.patches.size(), m_caret, 0, key, value});
        m_breaks.insert(m_breaks.begin() + (m_caret - m_plainCaret), {m_plainCaret, kind});
        ++m_caret;
    }

    std::vector<RichChange> m_changes;
    RichChange m_change;
    std::vector<Break> m_breaks;
    std::size_t m_edits = 0;
    TextOffset m_caret = 0;
    TextOffset m_plainCaret = 0;
};

/// The edits of one change, as its author makes them.
void type(crdt::Document &document, const RichChange &change, crdt::Draft &draft)
{
    std::size_t done = 0;
    auto format = change.formats.begin();
    const auto applyFormats = [&] {
        for (; format != change.formats.end() && format->after == done; ++format) {
            if (format->length == 0)
                document.setAttribute(format->from, format->key, format->value, draft);
            else
                document.mark(format->from, format->from + format->length, format->key,
                              format->value, draft);
        }
    };
    for (const TextPatch &patch : change.patches) {
        if (patch.removed > 0)
            document.erase(patch.at, patch.removed, draft);
        if (!patch.inserted.empty())
            document.insert(patch.at, patch.inserted, draft);
        ++done;
        applyFormats();
    }
}

ChangeHandle handleOf(std::size_t change)
{
    return ChangeHandle(static_cast<std::uint32_t>(change + 1));
}

/// What was written, local and as it travels.
struct Written {
    crdt::Document document;
    Recorded changes;
};

Written write(const std::vector<RichChange> &script, const PlannedHistory &history)
{
    Written written{crdt::Document(history), {}};
    for (std::size_t i = 0; i < script.size(); ++i) {
        crdt::Draft draft{handleOf(i), {}, 0};
        type(written.document, script[i], draft);
        written.changes.push_back(crdt::encodeOps(draft.ops, history.own(draft.change), history));
    }
    return written;
}

double replayLocally(const std::vector<RichChange> &script, const PlannedHistory &history,
                     const std::string &text)
{
    const double start = cpuMs();
    crdt::Document document(history);
    crdt::Draft draft;
    for (std::size_t i = 0; i < script.size(); ++i) {
        draft.restart(handleOf(i));
        type(document, script[i], draft);
    }
    const double end = cpuMs();
    CHECK(document.text() == text);
    return end - start;
}

/// The blocks are those of the breaks that are still there, and another replica shows the same.
bool isAsWritten(const crdt::Document &local, const crdt::Document &remote,
                 const std::vector<Break> &breaks, const std::string &text)
{
    if (local.text() != text || remote.text() != text)
        return false;
    const TextOffset length = local.length();
    TextOffset before = 0;
    for (const Break &it : breaks) {
        if (local.attributes(it.at + before++) != it.attributes)
            return false;
    }
    const auto isStyled = [](const crdt::StyledRun &run) { return !run.marks.empty(); };
    return std::ranges::any_of(local.styledRuns(0, length), isStyled)
        && local.content(0, length) == remote.content(0, length);
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

struct RichSamples {
    std::vector<double> plainLocal;
    std::vector<double> local;
    std::vector<double> plainWhole;
    std::vector<double> whole;
    std::vector<double> firstRead;
    std::vector<double> secondRead;
    std::vector<double> bytesKept;
    std::vector<double> save;
    std::vector<double> readable;
    std::vector<double> edit;
    std::size_t bytesSaved = 0;
};

/// All formats of a document that came whole, twice: what waited for the first reading is seen.
void readTwice(const PlannedHistory &history, const Recorded &changes, RichSamples &samples)
{
    const crdt::Document document = documentOf(history, changes);
    for (std::vector<double> *times : {&samples.firstRead, &samples.secondRead}) {
        const double start = cpuMs();
        CHECK(!document.styledRuns(0, document.length()).empty());
        times->push_back(cpuMs() - start);
    }
}

std::vector<Figure> figuresOf(const std::string &trace, const RichSamples &samples,
                              const Recorded &changes, std::optional<double> goal)
{
    std::size_t bytes = 0;
    for (const Bytes &change : changes)
        bytes += change.size();
    std::vector<Figure> figures;
    const auto add = [&](const char *name, double value, const char *unit,
                         std::optional<double> limit = std::nullopt) {
        figures.push_back({name, value, unit, limit, "nlbd", trace});
    };
    const double local = median(samples.local);
    const double whole = median(samples.whole);
    add("crdt_rich_local", local / median(samples.plainLocal), "x plain", goal);
    add("crdt_rich_local_cpu", local, "ms");
    add("crdt_rich_whole", whole / median(samples.plainWhole), "x plain", goal);
    add("crdt_rich_whole_cpu", whole, "ms");
    add("crdt_rich_first_read_cpu", median(samples.firstRead), "ms");
    add("crdt_rich_second_read_cpu", median(samples.secondRead), "ms");
    add("crdt_rich_open_readable_cpu", median(samples.readable), "ms");
    add("crdt_rich_open_edit_cpu", median(samples.edit), "ms");
    add("crdt_rich_save_cpu", median(samples.save), "ms");
    add("crdt_rich_bytes_saved", static_cast<double>(samples.bytesSaved), "B");
    add("crdt_rich_heap_kept", median(samples.bytesKept) / (1024.0 * 1024.0), "MiB");
    add("crdt_rich_bytes_of_changes", static_cast<double>(bytes), "B");
    return figures;
}

} // namespace

std::optional<std::vector<Figure>> measureRich(const std::string &trace, const Plan &plan,
                                               const PlannedHistory &history,
                                               const Recorded &changes, std::size_t repetitions,
                                               std::optional<double> goal)
{
    RichWriter writer;
    for (const test::Trace::Transaction &transaction : plan.trace.transactions)
        writer.add(transaction.patches);
    Plan rich = plan; // of which the end is read
    rich.trace.endContent = writer.textFor(plan.trace.endContent);
    const Written written = write(writer.changes(), history);
    const crdt::Document remote = documentOf(history, written.changes);
    if (!isAsWritten(written.document, remote, writer.breaks(), rich.trace.endContent))
        return std::nullopt;
    RichSamples samples;
    bool isAsRecorded = true;
    for (std::size_t i = 0; i < repetitions; ++i) {
        samples.plainLocal.push_back(bench::replayLocally(plan, history));
        samples.local.push_back(replayLocally(writer.changes(), history, rich.trace.endContent));
        samples.plainWhole.push_back(takeAll(plan, history, changes).ms);
        const Taken taken = takeAll(rich, history, written.changes);
        samples.whole.push_back(taken.ms);
        samples.bytesKept.push_back(static_cast<double>(taken.bytesKept));
        readTwice(history, written.changes, samples);
        const Disk disk = saveAndOpen(rich, history, remote);
        samples.save.push_back(disk.saveMs);
        samples.readable.push_back(disk.readableMs);
        samples.edit.push_back(disk.editMs);
        samples.bytesSaved = disk.bytes;
        isAsRecorded = isAsRecorded && taken.isAsRecorded && disk.isAsRecorded;
    }
    if (!isAsRecorded)
        return std::nullopt;
    return figuresOf(trace, samples, written.changes, goal);
}

} // namespace nlbd::bench
