#pragma once

#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

/// What a few people do with a document, as numbers of which every value means something: so the
/// bytes of a fuzzer, what a property test makes smaller and what a generator draws all are
/// scripts.
namespace nlbd::test {

struct Step {
    std::uint8_t person = 0;
    std::uint8_t what = 0;
    std::uint8_t a = 0; ///< where or which, as a rule
    std::uint8_t b = 0; ///< how much
    std::uint8_t c = 0; ///< with which value
    friend bool operator==(const Step &, const Step &) = default;
};
using Script = std::vector<Step>;

/// Plain is text, fields left out; rich has marks, attributes, objects, undo, deltas, time travel
/// and disk as well.
enum class Width : std::uint8_t { Plain, Rich };

/// Five bytes a step, at most `most` steps; what is left over is ignored.
[[nodiscard]] inline Script scriptOf(std::span<const std::uint8_t> bytes, std::size_t most)
{
    Script script;
    for (; bytes.size() >= 5 && script.size() < most; bytes = bytes.subspan(5))
        script.push_back({bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]});
    return script;
}

/// How often documents are compared with the oracle, which is slow: at each step, or at every
/// eighth occasion. In the end always.
enum class Care : std::uint8_t { Each, Seldom };

struct ScriptCounts {
    std::uint64_t changes = 0;
    std::uint64_t ops = 0;
    std::uint64_t letters = 0;     ///< deleted ones too
    std::uint64_t comparisons = 0; ///< of a document with the oracle
};

/// Lets people do what a script says, each with a document of their own, compares it with the
/// oracles on the way and in the end, when all have all, in several orders. A contradiction aborts.
/// `tell` gets a sentence for each step, before it is done, if it is not null.
ScriptCounts runScript(std::size_t people, Width width, const Script &script,
                       Care care = Care::Each, std::FILE *tell = nullptr);

} // namespace nlbd::test
