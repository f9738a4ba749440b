#include "core/base/check.h"
#include "core/crdt/document.h"
#include "core/crdt/op_codec.h"

// Any bytes as the ops of a change: what is accepted must be its own encoding; what passes the
// check must apply, with patches that tell the truth, and go away and come back when it turns void.

using namespace nlbd;
using namespace nlbd::crdt;

namespace {

/// Device 0 wrote two changes that everybody has; the input is its third.
class World final : public ChangeOrder, public ChangeNames, public ChangeResolver {
public:
    [[nodiscard]] bool isBefore(ChangeHandle a, ChangeHandle b) const override { return a < b; }
    [[nodiscard]] bool isInPast(ChangeHandle past, ChangeHandle change) const override
    {
        return past <= change;
    }
    [[nodiscard]] ChangeName nameOf(ChangeHandle change) const override
    {
        return {DeviceIndex(0), Seq(change.value), 0};
    }
    [[nodiscard]] std::optional<ChangeHandle> resolve(const ChangeName &name) const override
    {
        if (name.device.value != 0 || name.branch != 0 || name.seq.value < 1 || name.seq.value > 2)
            return std::nullopt;
        return ChangeHandle(static_cast<std::uint32_t>(name.seq.value));
    }
};

/// All that can be read of it but the text.
std::string picture(const Document &document, const Ops &ops)
{
    std::string result;
    const auto add = [&result](const Document::Entry &entry) {
        result += std::to_string(static_cast<int>(entry.value.kind)) + entry.value.text + ";";
    };
    for (const Block &block : document.blocks(0, document.length()))
        for (const auto &[key, value] : block.attributes)
            result += std::to_string(block.from) + key + "=" + value + ";";
    std::vector<OpId> objects{kRoot};
    for (std::uint32_t i = 0; i <= 16; ++i)
        objects.push_back({ChangeHandle(2), i});
    for (std::uint32_t i = 0; i < idsTakenBy(ops) && i < 64; ++i)
        objects.push_back({ChangeHandle(3), i});
    for (const OpId object : objects) {
        for (const std::string &key : document.keys(object)) {
            result += key + ":";
            std::ranges::for_each(document.entries(object, key), add);
        }
        std::ranges::for_each(document.entries(object, ""), add);
        for (const Document::Item &item : document.items(object))
            add(item.entry);
        result += std::to_string(document.counter(object)) + "\n";
    }
    return result;
}

/// After "xyz", whose numbers are 1 to 3.
Ops objects()
{
    const auto at = [](std::uint32_t index) { return OpId{ChangeHandle(2), index}; };
    using Kind = Value::Kind;
    return {SetField{"m", Value(Kind::Map)},
            SetField{"l", Value(Kind::List)},
            InsertItem{at(5), kRoot, Side::Right, "x"},
            InsertItem{at(5), at(6), Side::Right, Value(Kind::Map)},
            SetField{"c", Value(Kind::Counter), at(4)},
            Increment{at(8), 3},
            SetField{"t", "text", at(7)},
            SetAttribute{kRoot, "block", "h1"},
            SetMark{{at(1), Side::Left}, {at(3), Side::Right}, "link", "x"}};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const World world;
    const OwnChange own{ChangeHandle(3), DeviceIndex(0), Seq(3)};
    const ByteView bytes = std::as_bytes(std::span(data, size));
    const auto ops = decodeOps(bytes, own, world);
    if (!ops)
        return 0;
    const Bytes encoded = encodeOps(*ops, own, world);
    CHECK(std::ranges::equal(encoded, bytes));

    Document document(world);
    (void)document.apply(ChangeHandle(1),
                         {InsertText{kRoot, Side::Right, "a\xC3\xA9\xF0\x9F\x8C\x8D b"}});
    Ops second{DeleteText{{ChangeHandle(1), 1}, 1},
               InsertText{{ChangeHandle(1), 2}, Side::Left, "xyz"}};
    std::ranges::copy(objects(), std::back_inserter(second));
    (void)document.apply(ChangeHandle(2), second);
    const std::string before = document.text();
    const std::string pictureBefore = picture(document, *ops);
    if (!document.check(own.handle, *ops, [](ChangeHandle) { return true; }))
        return 0;
    std::string text = before;
    applyTo(text, document.apply(own.handle, *ops));
    CHECK(text == document.text());
    document.checkInvariants();
    const std::string after = text;
    const std::string pictureAfter = picture(document, *ops);
    applyTo(text, document.setVoid(own.handle, true));
    CHECK(text == before && document.text() == before);
    CHECK(picture(document, *ops) == pictureBefore);
    document.checkInvariants();
    applyTo(text, document.setVoid(own.handle, false));
    CHECK(text == after && document.text() == after);
    CHECK(picture(document, *ops) == pictureAfter);
    document.checkInvariants();
    return 0;
}
