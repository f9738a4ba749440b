#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/crdt/op_check.h"

namespace nlbd::crdt {

namespace {

constexpr auto kBounds = std::unexpected(Code::E_BOUNDS);
constexpr auto kTarget = std::unexpected(Code::E_OP_TARGET);

/// Only a text has one.
bool isWhole(const Value &value)
{
    return value.kind <= Value::Kind::Counter
        && (value.kind == Value::Kind::Text || value.text.empty());
}

} // namespace

OpCheck::Verdict OpCheck::check(const SetField &op)
{
    if (!fits(op.key, 0, op.value.text) || !isWhole(op.value))
        return kBounds;
    Objects::Known made{op.value.kind, 1, false, kRoot};
    if (op.key.empty()) {
        const auto item = findItem(op.object);
        if (!item)
            return kTarget;
        if (op.value.kind == Value::Kind::Nothing)
            return kBounds; // Deleting is another op.
        made.depth = item->depth;
    } else if (op.object != kRoot) {
        const auto map = find(op.object, Value::Kind::Map);
        if (!map)
            return kTarget;
        made.depth = static_cast<std::uint8_t>(map->depth + 1);
    }
    return make(made);
}

OpCheck::Verdict OpCheck::check(const SetMark &op)
{
    if (!fits(op.key, 1, op.value ? *op.value : std::string_view()))
        return kBounds;
    if (!isAnchor(op.from) || !isAnchor(op.to))
        return kTarget;
    return {};
}

OpCheck::Verdict OpCheck::check(const SetAttribute &op)
{
    if (!fits(op.key, 1, op.value ? *op.value : std::string_view()))
        return kBounds;
    if (op.letter != kRoot && !areSeenCharacters(op.letter, 1))
        return kTarget;
    return {};
}

OpCheck::Verdict OpCheck::check(const InsertItem &op)
{
    if (!fits({}, 0, op.value.text) || !isWhole(op.value) || op.value.kind == Value::Kind::Nothing)
        return kBounds;
    const auto list = find(op.list, Value::Kind::List);
    if (!list)
        return kTarget;
    if (op.parent == kRoot) {
        if (op.side != Side::Right)
            return kTarget;
    } else {
        const auto parent = findItem(op.parent);
        if (!parent || parent->list != op.list)
            return kTarget;
    }
    return make({op.value.kind, static_cast<std::uint8_t>(list->depth + 1), true, op.list});
}

OpCheck::Verdict OpCheck::check(const DeleteItem &op)
{
    if (!findItem(op.item))
        return kTarget;
    m_goneItems.push_back(op.item);
    ++m_next;
    return {};
}

OpCheck::Verdict OpCheck::check(const Increment &op)
{
    if (!find(op.counter, Value::Kind::Counter))
        return kTarget;
    ++m_next;
    return {};
}

/// Counts the bytes; false if there are too many or if they are no text.
bool OpCheck::fits(std::string_view key, std::size_t least, std::string_view value)
{
    m_bytes += key.size() + value.size();
    const bool isSmall = key.size() >= least && key.size() <= limits::kFieldKeyBytesMax
        && value.size() <= limits::kFieldValueBytesMax && m_bytes <= limits::kDecodedBytesMax;
    return isSmall && utf8::isValid(key) && utf8::isValid(value);
}

bool OpCheck::isAnchor(const Anchor &anchor)
{
    return anchor.id == kRoot || isLetter(anchor.id);
}

std::optional<Objects::Known> OpCheck::find(OpId id)
{
    if (id.change == m_change) {
        const auto found = std::ranges::lower_bound(m_made, id.index, {}, &Made::index);
        const bool isFound = found != m_made.end() && found->index == id.index;
        return isFound ? std::optional(found->known) : std::nullopt;
    }
    return id.change != kRoot.change && isSeen(id.change) ? m_objects->find(id) : std::nullopt;
}

std::optional<Objects::Known> OpCheck::find(OpId id, Value::Kind kind)
{
    const auto known = find(id);
    return known && known->kind == kind ? known : std::nullopt;
}

std::optional<Objects::Known> OpCheck::findItem(OpId id)
{
    const auto known = find(id);
    return known && known->isItem ? known : std::nullopt;
}

/// Takes the number of an op that makes an item, an object or neither.
OpCheck::Verdict OpCheck::make(const Objects::Known &known)
{
    const bool isObject = known.kind >= Value::Kind::Map;
    if (isObject && known.depth > limits::kObjectDepthMax)
        return kBounds;
    if (isObject || known.isItem)
        m_made.push_back({m_next, known});
    ++m_next;
    return {};
}

} // namespace nlbd::crdt
