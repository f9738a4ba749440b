#pragma once

#include "app/loop.h"

namespace nlbd::app {

/// Types sentences into the first document there is, letter by letter, behind what it typed last: a
/// person for demonstrations, with a caret that others see.
class TypeDemo {
public:
    explicit TypeDemo(std::uint64_t seed)
        : m_random(seed)
    {
        nextSentence();
    }

    /// Types one letter if there is a document; returns how long a person would rest now.
    Millis type(Loop &loop);

private:
    void nextSentence();
    [[nodiscard]] std::string nextLetter();

    SeededRandom m_random;
    std::size_t m_sentence = 0;
    std::size_t m_at = 0;
};

} // namespace nlbd::app
