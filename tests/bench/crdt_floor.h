#pragma once

#include "tests/support/trace.h"

#include <memory>

namespace nlbd::bench {

/// What no engine can do without, as a measure that holds on any machine: the text in a list of
/// leaves of at most 1 KiB with the last leaf kept, and each run of edits in a log. No identifiers,
/// no authors, no merging, and no letters: an offset is a byte (crdt_bytes.h).
class Floor {
public:
    Floor();

    void insert(std::size_t at, std::string_view text);
    void erase(std::size_t at, std::size_t count);
    [[nodiscard]] std::string text() const;

private:
    static constexpr std::size_t kLeafBytes = 1024;
    struct Leaf {
        std::size_t count = 0;
        std::array<char, kLeafBytes> bytes;
    };
    struct Run {
        std::size_t at = 0;
        std::size_t removed = 0;
        std::size_t inserted = 0;
    };
    void seek(std::size_t at);
    void insertPiece(std::size_t at, std::string_view text);
    void record(std::size_t at, std::size_t removed, std::string_view inserted);

    std::vector<std::unique_ptr<Leaf>> m_leaves;
    std::size_t m_leaf = 0;  ///< the last one used
    std::size_t m_start = 0; ///< where it begins
    std::vector<Run> m_runs;
    std::string m_inserted; ///< by the runs, one after the other
};

} // namespace nlbd::bench
