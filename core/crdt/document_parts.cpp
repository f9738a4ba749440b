#include "core/crdt/document_parts.h"

#include "core/crdt/document_impl.h"

namespace nlbd::crdt {

Text &DocumentParts::text(Document &document)
{
    return document.m_impl->text;
}

const Text &DocumentParts::text(const Document &document)
{
    return document.m_impl->text;
}

bool DocumentParts::isLaidOut(const Document &document)
{
    return !document.m_impl.asWritten().text.isPostponed();
}

std::vector<DocumentParts::OtherOp> DocumentParts::otherOps(const Document &document)
{
    const Document::Impl &it = *document.m_impl;
    std::vector<OtherOp> ops;
    it.objects.forEachOp([&](OpId id, Op op) { ops.push_back({id, std::move(op)}); });
    const auto anchorOf = [&](Border border) {
        if (border.isTextEnd())
            return Anchor{kRoot, Side::Left};
        return Anchor{it.text.numbers().idOf(border.letter()),
                      border.isRight() ? Side::Right : Side::Left};
    };
    it.marks.forEach(
        [&](OpId id, const Interval &where, const std::string &key, const std::string *value) {
            SetMark op{anchorOf(where.from), anchorOf(where.to), key, std::nullopt};
            if (value != nullptr)
                op.value = *value;
            ops.push_back({id, std::move(op)});
        });
    return ops;
}

void DocumentParts::apply(Document &document, const OtherOp &op)
{
    Document::Impl &it = *document.m_impl;
    if (const auto *mark = std::get_if<SetMark>(&op.op))
        it.marks.add(*mark, op.id);
    else
        it.applyToObjects(op.op, op.id, false);
}

void DocumentParts::forEachEverSet(const Document &document, std::string_view prefix,
                                   const std::function<void(const EverSet &)> &visit)
{
    const Registers &registers = document.m_impl.asWritten().objects.registers();
    registers.forEachEver(prefix, [&](std::string_view key, const Registers::Setting &it) {
        visit({key, it.id, it.kind, registers.textOf(it)});
    });
}

void DocumentParts::forEachMark(const Document &document, std::string_view prefix,
                                const std::function<void(const PlacedMark &)> &visit)
{
    const Document::Impl &it = *document.m_impl;
    const Text &text = it.text;
    it.marks.forEach(
        [&](OpId id, const Interval &where, const std::string &key, const std::string *value) {
            if (!key.starts_with(prefix) || text.isVoid(id.change))
                return;
            const TextOffset from = text.intervals().offsetOf(where.from);
            const TextOffset to = text.intervals().offsetOf(where.to);
            visit({key, id, value, from, std::max(from, to)});
        });
}

} // namespace nlbd::crdt
