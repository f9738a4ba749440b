#include "ui/editor/pending_edits.h"

#include "core/base/utf8.h"

#include <utility>

namespace nlbd::ui {

void PendingEdits::reset()
{
    m_edits.clear();
    m_patch = 0;
    m_serial = 0;
}

std::uint64_t PendingEdits::add(TextPatches patches)
{
    ++m_serial;
    m_edits.push_back({m_serial, std::move(patches)});
    return m_serial;
}

void PendingEdits::acknowledge(std::uint64_t includesSerial)
{
    while (!m_edits.empty() && m_edits.front().serial <= includesSerial)
        m_edits.pop_front();
}

TextPatches PendingEdits::receive(std::uint64_t patch, std::uint64_t includesSerial,
                                  const TextPatches &patches)
{
    acknowledge(includesSerial);
    m_patch = patch;
    TextPatches incoming = patches;
    for (Edit &edit : m_edits) {
        Transformed crossed = transform(edit.patches, incoming, Precedence::First);
        edit.patches = std::move(crossed.left);
        incoming = std::move(crossed.right);
    }
    return incoming;
}

TextOffset PendingEdits::placeInView(TextOffset offset) const
{
    for (const Edit &edit : m_edits) {
        for (const TextPatch &patch : edit.patches)
            offset = caretAfter(patch, offset);
    }
    return offset;
}

TextOffset PendingEdits::startInView(TextOffset offset) const
{
    for (const Edit &edit : m_edits) {
        for (const TextPatch &patch : edit.patches) {
            const bool isPushed = patch.at == offset;
            offset = caretAfter(patch, offset);
            offset += isPushed ? static_cast<TextOffset>(utf8::length(patch.inserted)) : 0;
        }
    }
    return offset;
}

} // namespace nlbd::ui
