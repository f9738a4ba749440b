#include "core/base/check.h"
#include "core/crdt/snapshot.h"
#include "core/crdt/snapshot_format.h"

#include <cstring>

// Any bytes as a document on disk, the checksum set right so that what is behind it is asked too:
// what opens is whole, can be written and opened again; so it is after it was edited, after that
// was taken back, and while one of its changes is void.

using namespace nlbd;
using namespace nlbd::crdt;

namespace {

constexpr std::size_t kSumAt = 9;
constexpr std::size_t kSeqBits = 20;

/// Every name is known: its handle holds it.
class World final : public ChangeOrder {
public:
    [[nodiscard]] bool isBefore(ChangeHandle a, ChangeHandle b) const override { return a < b; }
    [[nodiscard]] bool isInPast(ChangeHandle past, ChangeHandle change) const override
    {
        return past <= change;
    }
};

std::optional<ChangeHandle> resolve(const SnapshotName &name)
{
    if (name.seq.value == 0 || name.seq.value >> kSeqBits != 0
        || name.device.value >> (31 - kSeqBits) != 0)
        return std::nullopt;
    return ChangeHandle(static_cast<std::uint32_t>(name.seq.value)
                        | static_cast<std::uint32_t>(name.device.value) << kSeqBits);
}

SnapshotName nameOf(ChangeHandle change)
{
    return {DeviceIndex(static_cast<std::uint16_t>(change.value >> kSeqBits)),
            Seq(change.value & ((1U << kSeqBits) - 1)), std::nullopt};
}

Delta allOf(const Document &document)
{
    return document.content(0, document.length());
}

/// The document as it comes from its own bytes: equal, and the same bytes.
void mustSave(const Document &document, const World &world, ByteView note)
{
    document.checkInvariants();
    const auto packed = saveSnapshot(document, nameOf, note);
    CHECK(packed.has_value());
    const Bytes &saved = *packed;
    const auto again = Snapshot::open(saved);
    CHECK(again.has_value());
    const auto second = again->document(world, resolve);
    CHECK(second.has_value());
    CHECK(allOf(*second) == allOf(document));
    CHECK(second->keys(kRoot) == document.keys(kRoot));
    CHECK(saveSnapshot(*second, nameOf, again->note()) == saved);
}

std::string textOf(const Delta &content)
{
    std::string text;
    for (const DeltaStep &step : content)
        text += step.text;
    return text;
}

/// Some of everything, in and around what is there.
void edit(Document &document, Draft &draft)
{
    const TextOffset length = document.length();
    document.insert(length / 2, "x\ny", draft);
    document.insert(0, "z", draft);
    document.erase(length / 3, std::min<TextOffset>(length / 2, 9), draft);
    document.mark(0, document.length(), "bold", "1", draft);
    document.mark(document.length() / 2, document.length(), "link", std::nullopt, draft);
    document.setAttribute(document.length(), "block", "quote", draft);
    for (const std::string &key : document.keys(kRoot)) {
        const Document::Entry entry = document.entries(kRoot, key).front();
        if (entry.value.kind == Value::Kind::List) {
            document.insertItem(entry.id, document.items(entry.id).size(), "item", draft);
            document.eraseItem(entry.id, 0, draft);
        } else if (entry.value.kind == Value::Kind::Counter) {
            document.increment(entry.id, -3, draft);
        }
    }
    document.set(kRoot, "title", "new", draft);
}

constexpr std::uint32_t kLast = (1U << 31U) - 1; // the highest handle that has a name

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Bytes bytes = copyOf(std::as_bytes(std::span(data, size)));
    if (bytes.size() >= kSumAt + sizeof(std::uint64_t)) {
        const std::uint64_t sum = checksumOf(ByteView(bytes).subspan(kSumAt + sizeof sum));
        std::memcpy(bytes.data() + kSumAt, &sum, sizeof sum);
    }
    const auto snapshot = Snapshot::open(std::move(bytes));
    if (!snapshot)
        return 0;
    CHECK(snapshot->text(0, snapshot->length()) == snapshot->text());
    const World world;
    auto document = snapshot->document(world, resolve);
    if (!document)
        return 0;
    CHECK(document->text() == snapshot->text() && document->length() == snapshot->length());
    const ByteView note = snapshot->note();
    mustSave(*document, world, note);
    CHECK(document->textAt([](ChangeHandle) { return true; }) == document->text());
    const Delta before = allOf(*document);
    const ChangeHandle mine(kLast - 1);
    for (const auto &run : document->runs(0, document->length()))
        if (run.first.change >= mine)
            return 0; // would be edited by a change that it has
    Draft draft{mine, {}, 0};
    edit(*document, draft);
    mustSave(*document, world, note);
    const Delta after = allOf(*document);
    document->setVoid(mine, true);
    mustSave(*document, world, note);
    document->setVoid(mine, false);
    CHECK(allOf(*document) == after);
    Draft back{ChangeHandle(kLast), {}, 0};
    document->revert(mine, 0, draft.next, back);
    mustSave(*document, world, note);
    CHECK(document->text() == textOf(before));
    return 0;
}
