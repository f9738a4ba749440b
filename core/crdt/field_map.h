#pragma once

#include "core/crdt/op.h"

#include <map>
#include <unordered_map>

namespace nlbd::crdt {

/// Named values, the title for one. A setting in the causal past of another is superseded by it; of
/// several concurrent ones the last in the tie order is the winner, and all are kept to be shown.
class FieldMap {
public:
    explicit FieldMap(const ChangeOrder &order)
        : m_order(&order)
    {
    }

    /// Sets from a change that has seen everything here and is not signed yet.
    void setLocally(const SetField &op, ChangeHandle change);

    /// Sets from any change, delivered in causal order.
    void set(const SetField &op, ChangeHandle change, bool isVoid);

    /// After a change became void or valid again; `isVoid` answers for all changes.
    /// @complexity linear in the settings of the fields that the change set.
    template <typename IsVoid>
    void refresh(ChangeHandle change, IsVoid isVoid)
    {
        const auto found = m_fieldsOf.find(change);
        if (found == m_fieldsOf.end())
            return;
        for (Field *field : found->second) {
            field->heads.clear();
            // From the latest back: what an accepted one has in its past is superseded.
            for (std::size_t i = field->settings.size(); i-- > 0;) {
                const Setting &setting = field->settings[i];
                if (!isVoid(setting.change) && !isSuperseded(*field, setting.change))
                    addHead(*field, i);
            }
        }
    }

    /// Calls visit(SetField, ChangeHandle) for all, those of one field as they were delivered.
    template <typename Visit>
    void forEachSetting(Visit visit) const
    {
        for (const auto &[key, field] : m_fields)
            for (const Setting &setting : field.settings)
                visit(SetField{key, setting.value}, setting.change);
    }

    /// All concurrent values, the winner first; empty if the field is not set.
    [[nodiscard]] std::vector<std::string> values(std::string_view key) const;
    [[nodiscard]] std::string_view value(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> keys() const;

private:
    struct Setting {
        ChangeHandle change;
        std::string value;
    };
    struct Field {
        std::vector<Setting> settings;  ///< as delivered: causes before effects
        std::vector<std::size_t> heads; ///< into settings; nobody supersedes them; winner first
    };
    Field &append(const SetField &op, ChangeHandle change);
    void addHead(Field &field, std::size_t setting);
    [[nodiscard]] bool isSuperseded(const Field &field, ChangeHandle change) const;

    const ChangeOrder *m_order;
    std::map<std::string, Field, std::less<>> m_fields;
    std::unordered_map<ChangeHandle, std::vector<Field *>> m_fieldsOf; ///< the map keeps addresses
};

} // namespace nlbd::crdt
