#include "core/crdt/field_map.h"

namespace nlbd::crdt {

FieldMap::Field &FieldMap::append(const SetField &op, ChangeHandle change)
{
    Field &field = m_fields[op.key];
    field.settings.push_back({change, op.value.text});
    std::vector<Field *> &touched = m_fieldsOf[change];
    if (std::ranges::find(touched, &field) == touched.end())
        touched.push_back(&field);
    return field;
}

void FieldMap::setLocally(const SetField &op, ChangeHandle change)
{
    Field &field = append(op, change);
    field.heads.assign(1, field.settings.size() - 1);
}

void FieldMap::set(const SetField &op, ChangeHandle change, bool isVoid)
{
    Field &field = append(op, change);
    if (isVoid)
        return;
    std::erase_if(field.heads, [&](std::size_t head) {
        const ChangeHandle other = field.settings[head].change;
        return other == change || m_order->isInPast(other, change);
    });
    addHead(field, field.settings.size() - 1);
}

void FieldMap::addHead(Field &field, std::size_t setting)
{
    const ChangeHandle change = field.settings[setting].change;
    const auto after = std::ranges::find_if(field.heads, [&](std::size_t head) {
        return m_order->isBefore(field.settings[head].change, change);
    });
    field.heads.insert(after, setting);
}

bool FieldMap::isSuperseded(const Field &field, ChangeHandle change) const
{
    return std::ranges::any_of(field.heads, [&](std::size_t head) {
        const ChangeHandle other = field.settings[head].change;
        return other == change || m_order->isInPast(change, other);
    });
}

std::vector<std::string> FieldMap::values(std::string_view key) const
{
    std::vector<std::string> values;
    if (const auto found = m_fields.find(key); found != m_fields.end()) {
        for (const std::size_t head : found->second.heads)
            values.push_back(found->second.settings[head].value);
    }
    return values;
}

std::string_view FieldMap::value(std::string_view key) const
{
    const auto found = m_fields.find(key);
    if (found == m_fields.end() || found->second.heads.empty())
        return {};
    return found->second.settings[found->second.heads.front()].value;
}

std::vector<std::string> FieldMap::keys() const
{
    std::vector<std::string> keys;
    for (const auto &[key, field] : m_fields) {
        if (!field.heads.empty())
            keys.push_back(key);
    }
    return keys;
}

} // namespace nlbd::crdt
