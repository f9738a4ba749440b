#pragma once

#include "app/loop.h"

namespace nlbd::app {

/// Types sentences into the first document there is, a word at a time, behind what it typed last: a
/// person for demonstrations.
class TypeDemo {
public:
    explicit TypeDemo(std::uint64_t seed)
        : m_random(seed)
    {
    }

    /// Types one word if there is a document; returns how long a person would rest now.
    Millis type(Loop &loop);

private:
    [[nodiscard]] std::string nextWord(bool isFirst);

    SeededRandom m_random;
    std::size_t m_sentence = 0;
    std::size_t m_at = 0;
};

} // namespace nlbd::app
