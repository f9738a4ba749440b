#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace nlbd::engine {

enum class EditStep : std::uint8_t { Keep, Delete, Insert };

/// The shortest script that makes a sequence of `after` letters of one of `before`, by the greedy
/// algorithm of Myers (Algorithmica 1986). Where more than `editsMax` steps are needed between what
/// both begin and end with, all of that goes and comes.
/// @complexity O(before + after + editsMax^2); the memory of the last term in words of four bytes.
[[nodiscard]] std::vector<EditStep>
editScript(std::size_t before, std::size_t after,
           const std::function<bool(std::size_t, std::size_t)> &isSame, std::size_t editsMax);

} // namespace nlbd::engine
