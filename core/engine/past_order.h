#pragma once

#include "core/api/past.h"
#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// The changes of one document in the order in which people are shown them, and the groups that
/// they make (core/api/past.h). Void changes are left out, and those that only bring heads
/// together.
///
/// It is read in pieces, so that a long past does not hold up an engine, and reads on what comes
/// later; 24 bytes a change and eight for each of any document.
class PastOrder {
public:
    PastOrder(const Engine::State &state, DocIndex doc);

    [[nodiscard]] DocIndex doc() const noexcept { return m_doc; }
    /// Handles mean others than before, or other changes are void: to be made anew.
    [[nodiscard]] bool isStale() const;

    /// Reads a piece. True if everything that is held is in order now.
    bool readOn();

    struct Place {
        std::int64_t shownMs = 0; ///< never less than that of anything before it
        ChangeHandle change;
        std::uint32_t added = 0;
        std::uint32_t removed = 0;
    };
    struct Group {
        std::size_t from = 0; ///< places
        std::size_t to = 0;
        std::vector<MemberIndex> members; ///< ascending
        std::vector<ChangeHandle> newest; ///< of each chain in it
        std::int64_t fromMs = 0;
        std::int64_t toMs = 0;
        std::uint64_t added = 0;
        std::uint64_t removed = 0;
    };
    [[nodiscard]] const std::vector<Place> &places() const noexcept { return m_places; }
    [[nodiscard]] const std::vector<Group> &groups() const noexcept { return m_groups; }

    /// The change of this name; nothing if it is none of these. @complexity O(log n).
    [[nodiscard]] std::optional<ChangeHandle> find(const Hash &name) const;
    /// The group that a change is in. Precondition: find() knows it.
    [[nodiscard]] std::size_t groupOf(ChangeHandle change) const;
    /// Any two changes that were read, also void ones. @complexity O(1).
    [[nodiscard]] bool isBefore(ChangeHandle a, ChangeHandle b) const;
    [[nodiscard]] WallTime timeOf(ChangeHandle change) const;
    [[nodiscard]] std::optional<MemberIndex> writerOf(ChangeHandle change) const;

private:
    void read(ChangeHandle change, std::vector<Place> &found);
    void put(std::vector<Place> found);
    void group(std::size_t place);
    void extend(Group &group, std::size_t place);
    [[nodiscard]] std::size_t placeOf(ChangeHandle change) const;

    const Engine::State &m_state;
    DocIndex m_doc;
    std::uint64_t m_revision = 0;
    std::vector<std::int64_t> m_shown; ///< by handle - 1
    std::vector<Place> m_places;
    std::vector<Group> m_groups;
    std::size_t m_grouped = 0; ///< places
};

} // namespace nlbd::engine
