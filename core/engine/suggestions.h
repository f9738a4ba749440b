#pragma once

#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// What of an open document is suggested and not decided yet, and words that were kept amid what
/// somebody else removed (core/api/suggestions.h). All of it follows from the changes that are held
/// and from nothing else, so that whoever holds the same tells the same.
///
/// An added letter counts if the mark over it is its writer's, one that is removed or styled if the
/// writer of the mark had seen it; a group is that of the member whose device its name holds, and
/// marks of others that claim it are passed over. An undo may set again what was set before.
class Suggestions {
public:
    explicit Suggestions(Engine::State &state)
        : m_state(state)
    {
    }

    void changeTaken(const history::Change &change);
    /// A mark, also one that is not signed yet. `by`: nothing, if it is in an undo.
    void marked(DocIndex doc, const crdt::SetMark &op, std::optional<DeviceIndex> by);
    /// The group of a key knows as many places as it can: what is marked more is not told of.
    [[nodiscard]] bool isFull(DocIndex doc, std::string_view key) const;
    void handlesChanged();
    void textChanged(DocIndex doc);
    /// Tell of it at once: its author waits for what he sees.
    void hurry() noexcept { m_next = {}; }
    void viewOpened(DocIndex doc, std::uint64_t view);
    void viewClosed(DocIndex doc, std::uint64_t view) { m_told.erase({doc, view}); }
    void sendIfDue();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

    /// The open groups of a document. @complexity O(groups * (log n + letters in them)), and what
    /// keptLetters takes if something concurrent came.
    [[nodiscard]] std::vector<api::Suggestion> of(DocIndex doc, bool &isCut);
    /// One of them; nothing if it is not open.
    [[nodiscard]] std::optional<api::Suggestion> find(DocIndex doc, std::string_view group);
    /// Letters of [from, to) that this person suggested, in order.
    [[nodiscard]] std::vector<Stretch> ownAdded(DocIndex doc, TextOffset from, TextOffset to) const;

    /// Decisions that met: documents and fields to look at.
    [[nodiscard]] std::set<std::pair<DocIndex, std::string>> takeContested();

    static constexpr std::string_view kDecisionField = "suggestion:";
    [[nodiscard]] static std::string fieldOf(std::string_view group)
    {
        return std::string(kDecisionField).append(group);
    }

private:
    using Key = std::pair<DocIndex, std::uint64_t>;
    struct Told {
        std::vector<api::Suggestion> suggestions;
        bool isDirty = true;
    };
    [[nodiscard]] bool isUndo(ChangeHandle change) const
    {
        return change.value != 0 && change.value <= m_traits.size()
            && m_traits[change.value - 1].isUndo;
    }
    [[nodiscard]] std::vector<bool> concurrent() const;
    void findKept(DocIndex doc);
    void addProposed(DocIndex doc, std::string_view id, SuggestionBook::Group &group,
                     std::vector<api::Suggestion> &all);
    void addKept(DocIndex doc, std::vector<api::Suggestion> &all);
    struct Found;
    void addParts(DocIndex doc, const std::string &name, const SuggestionBook::Marked &marked,
                  Found &found) const;
    void addLetters(DocIndex doc, const GroupKey &key, const crdt::MarkedRun &mark,
                    Found &found) const;
    [[nodiscard]] bool counts(const GroupKey &key, ChangeHandle writer, ChangeHandle marker,
                              MemberIndex owner) const;
    void note(Found &found, ChangeHandle change) const;
    void addWords(DocIndex doc, api::Suggestion &suggestion) const;
    [[nodiscard]] MemberIndex memberOf(ChangeHandle change) const;

    struct Traits {
        bool isUndo = false;
        std::uint32_t looseFrom = UINT32_MAX; ///< the first that had come and is not in its past
    };
    Engine::State &m_state;
    std::vector<Traits> m_traits; ///< by handle - 1
    std::map<Key, Told> m_told;   ///< open views
    std::set<std::pair<DocIndex, std::string>> m_contested;
    MonoTime m_next{};
};

/// Whose device it is; nobody's is a member of its own.
[[nodiscard]] MemberIndex memberOfDevice(const Engine::State &state, DeviceIndex device);

} // namespace nlbd::engine
