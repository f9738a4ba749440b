#pragma once

#include "core/engine/past_order.h"

#include <deque>

namespace nlbd::engine {

/// Answers what views ask of the past of a document (core/api/past.h). The order of its changes is
/// read in pieces, one a step; a text and a difference cost a walk over the whole document, once
/// for each question. What was read is kept while somebody asks.
class PastBook {
public:
    explicit PastBook(Engine::State &state)
        : m_state(state)
    {
    }

    using Question = std::variant<api::AskPast, api::AskPastText, api::RestorePast>;
    void ask(Question question);

    /// A piece of reading, or one answer. True if more is to be done.
    bool work();

private:
    enum class Progress : std::uint8_t { Reading, Ready, Unknown };
    [[nodiscard]] Progress prepare(DocIndex doc);
    [[nodiscard]] bool forget();
    void answer(const api::AskPast &question) const;
    void answer(const api::AskPastText &question) const;
    void answer(const api::RestorePast &question) const;
    [[nodiscard]] api::PastGroup groupAt(std::size_t index) const;

    Engine::State &m_state;
    std::unique_ptr<PastOrder> m_order;
    std::deque<Question> m_questions;
    MonoTime m_askedAt{};
};

} // namespace nlbd::engine
