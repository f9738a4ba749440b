#pragma once

#include "core/base/text_patch.h"

#include <cstdint>
#include <deque>

namespace nlbd::ui {

/// The view's half of the agreement between a view and the engine (core/base/text_patch.h).
///
/// The view changes its text at once and tells the engine; the engine does the same with what comes
/// from others. While both are under way each rewrites the other's patches over its own unconfirmed
/// ones, so both arrive at the same text whatever crossed. This class holds the unconfirmed edits
/// of one view. Offsets are Unicode scalars.
class PendingEdits {
public:
    /// Starts anew, as after DocumentOpened.
    void reset();

    /// Remembers an edit that the view has just made. Returns its serial, from 1 on.
    std::uint64_t add(TextPatches patches);

    /// The number of the last patch that the view has applied, 0 at first.
    [[nodiscard]] std::uint64_t patch() const noexcept { return m_patch; }
    [[nodiscard]] std::uint64_t serial() const noexcept { return m_serial; }
    [[nodiscard]] bool isEmpty() const noexcept { return m_edits.empty(); }

    /// Forgets edits that the engine has taken in.
    void acknowledge(std::uint64_t includesSerial);

    /// Takes what the engine sent and returns it as the view must apply it now.
    /// @complexity pending edits x patches.
    [[nodiscard]] TextPatches receive(std::uint64_t patch, std::uint64_t includesSerial,
                                      const TextPatches &patches);

    /// Where a place in the engine's text (after patch() and the acknowledged edits) stands in the
    /// view's text. Text typed at the place itself comes after it.
    [[nodiscard]] TextOffset placeInView(TextOffset offset) const;

    /// The same of what begins there: text typed at the place itself comes before it.
    [[nodiscard]] TextOffset startInView(TextOffset offset) const;

private:
    struct Edit {
        std::uint64_t serial = 0;
        TextPatches patches;
    };
    std::deque<Edit> m_edits;
    std::uint64_t m_patch = 0;
    std::uint64_t m_serial = 0;
};

} // namespace nlbd::ui
