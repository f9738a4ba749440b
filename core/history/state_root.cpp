#include "core/history/state_root.h"

#include "core/base/check.h"
#include "core/base/codec.h"

#include <algorithm>

namespace nlbd::history {

namespace {

constexpr Domain kContent{"rt1.content"};
constexpr Domain kShown{"rt1.shown"};
constexpr Domain kLeaf{"rt1.leaf"};
constexpr Domain kNode{"rt1.node"};
constexpr Domain kState{"rt1.state"};

void writeText(Writer &out, std::string_view text)
{
    out.blob(bytesOf(text));
}

/// Who merges in another order may cut what looks the same at other places: it is told as one.
std::vector<crdt::DeltaStep> joined(crdt::Delta content)
{
    std::vector<crdt::DeltaStep> runs;
    for (crdt::DeltaStep &step : content) {
        const bool isMore = step.kind == crdt::DeltaStep::Kind::Insert && !runs.empty()
            && runs.back().kind == step.kind && runs.back().attributes == step.attributes;
        if (isMore)
            runs.back().text += step.text;
        else
            runs.push_back(std::move(step));
    }
    return runs;
}

Hash shownHash(const crdt::Document &document, const crdt::InPast &isInside)
{
    const auto runs = joined(document.contentAt(isInside));
    Writer out;
    out.varint(runs.size());
    for (const crdt::DeltaStep &run : runs) {
        out.u8(static_cast<std::uint8_t>(run.kind));
        out.varint(run.kind == crdt::DeltaStep::Kind::Insert ? 0 : run.length);
        writeText(out, run.text);
        out.varint(run.attributes.size());
        for (const auto &[key, value] : run.attributes) {
            writeText(out, key);
            out.u8(value ? 1 : 0);
            writeText(out, value.value_or(std::string()));
        }
    }
    return digest(kShown, out.bytes());
}

std::optional<Hash> leafOf(const StateView &view, DocIndex doc, std::vector<ChangeHandle> changes)
{
    const crdt::Document *document = view.document(doc);
    CHECK(document != nullptr);
    std::ranges::sort(changes, [&view](ChangeHandle a, ChangeHandle b) {
        return view.graph.isBefore(a, b); // the tie order, which is the same everywhere
    });
    Writer out;
    out.u32(doc.value);
    out.varint(changes.size());
    for (const ChangeHandle change : changes) {
        const auto content = view.content(change);
        if (!content)
            return std::nullopt;
        out.fixedBytes(view.graph.entry(change).hash);
        out.fixedBytes(*content);
        out.u8(view.isVoid(change) ? 1 : 0);
    }
    out.fixedBytes(shownHash(*document, view.isInside));
    return digest(kLeaf, out.bytes());
}

/// Who is left over goes up as it is.
Hash merkleRoot(std::vector<Hash> level)
{
    if (level.empty())
        return {};
    while (level.size() > 1) {
        std::vector<Hash> next;
        for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
            Writer pair;
            pair.fixedBytes(level[i]);
            pair.fixedBytes(level[i + 1]);
            next.push_back(digest(kNode, pair.bytes()));
        }
        if (level.size() % 2 == 1)
            next.push_back(level.back());
        level = std::move(next);
    }
    return level.front();
}

} // namespace

Hash contentHash(ByteView content)
{
    return digest(kContent, content);
}

std::optional<Hash> stateRoot(const StateView &view)
{
    std::map<DocIndex, std::vector<ChangeHandle>> byDocument;
    for (std::uint32_t i = 1; i <= view.graph.size(); ++i)
        if (view.isInside(ChangeHandle(i)))
            byDocument[view.graph.entry(ChangeHandle(i)).doc].emplace_back(i);
    std::vector<Hash> leaves;
    for (auto &[doc, changes] : byDocument) {
        const auto leaf = leafOf(view, doc, std::move(changes));
        if (!leaf)
            return std::nullopt;
        leaves.push_back(*leaf);
    }
    Writer out;
    out.varint(leaves.size());
    out.fixedBytes(merkleRoot(std::move(leaves)));
    return digest(kState, out.bytes());
}

} // namespace nlbd::history
