#pragma once

#include "core/crdt/bits.h"
#include "core/crdt/interval_lists.h"
#include "core/crdt/rich.h"

#include <set>

namespace nlbd::crdt {

/// Who set what, nothing if it was taken away.
struct PastSetting {
    std::optional<std::string_view> value;
    ChangeHandle by;
};
/// What holds by key at a place or of a letter.
using PastStyle = std::map<std::string_view, PastSetting>;

/// The formats of a frontier while somebody walks along all letters in text order, seen or not:
/// what is active where, and what is set of single letters. Texts are those of the document, which
/// must stay as it is meanwhile.
class PastFormats {
public:
    struct Mark {
        Border from = Border::textEnd();
        Border to = Border::textEnd();
        std::string_view key;
        PastSetting setting;
    };
    /// `end` is after the last letter there is. The marks are in the tie order.
    PastFormats(LocalId end, std::vector<Mark> marks, std::map<LocalId, PastStyle> letters);

    /// Where something begins, ends or is set: there the walk must stop at a letter by itself.
    [[nodiscard]] const Bits &stops() const noexcept { return m_stops; }

    /// The walk comes to one side of a stop. True if something changed.
    bool pass(LocalId letter, Side side);

    /// What is active here: per key the last in the tie order.
    [[nodiscard]] const PastStyle &active() const noexcept { return m_active; }

    /// What is set of a letter, of the last block at the root.
    [[nodiscard]] const PastStyle &of(LocalId letter) const;

private:
    struct Event {
        LocalId letter = 0;
        Side side = Side::Left;
        bool isEnd = false;
        std::uint32_t mark = 0;
        friend auto operator<=>(const Event &, const Event &) = default;
    };
    void addEvent(Border at, bool isEnd, std::uint32_t mark);
    void show(std::string_view key);

    std::vector<Mark> m_marks;
    std::map<LocalId, PastStyle> m_letters;
    std::vector<Event> m_events; ///< sorted
    Bits m_stops;
    std::map<std::string_view, std::set<std::uint32_t>> m_begun; ///< by key; the last one shows
    std::vector<bool> m_hasEnded;
    PastStyle m_active;
};

} // namespace nlbd::crdt
