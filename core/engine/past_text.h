#pragma once

#include "core/base/utf8.h"
#include "core/engine/past_order.h"

namespace nlbd::engine {

/// Letters of a content (crdt::Document::contentAt), taken one after the other with how they look.
class ContentReader {
public:
    explicit ContentReader(const crdt::Delta &content)
        : m_content(content)
    {
    }
    /// Calls visit(text, attributes) for the pieces of the next letters. Fewer if it ends before.
    template <typename Visit>
    void take(TextOffset count, Visit visit)
    {
        while (count > 0 && m_step < m_content.size()) {
            const crdt::DeltaStep &step = m_content[m_step];
            const std::string_view rest = std::string_view(step.text).substr(m_byte);
            if (rest.empty()) {
                ++m_step;
                m_byte = 0;
                continue;
            }
            const std::string_view piece = rest.substr(0, utf8::bytePosition(rest, count));
            visit(piece, step.attributes);
            count -= utf8::length(piece);
            m_byte += piece.size();
        }
    }
    void skip(TextOffset count)
    {
        take(count, [](std::string_view, const AttributeChanges &) {});
    }

private:
    const crdt::Delta &m_content;
    std::size_t m_step = 0;
    std::size_t m_byte = 0;
};

/// Letters in a content.
[[nodiscard]] TextOffset lengthOf(const crdt::Delta &content);

/// What a view is told of how a document was. Nothing if a change is not of it. Precondition: no
/// change is open, and the order holds all. @complexity linear in letters and ops.
[[nodiscard]] std::optional<api::PastTextTold>
pastText(const Engine::State &state, const PastOrder &order, const api::AskPastText &question);

} // namespace nlbd::engine
