#pragma once

namespace nlbd::ui {

/// Several lambdas as one visitor of a variant.
template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

} // namespace nlbd::ui
