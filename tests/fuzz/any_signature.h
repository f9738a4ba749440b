#pragma once

#include "core/history/untried_signatures.h"

namespace nlbd::fuzz {

/// Every signature holds: real ones would stop every mutation at once, and a copied device signs
/// whatever it likes.
class AnySignature final : public history::UntriedSignatures {
public:
    AnySignature()
        : UntriedSignatures(true)
    {
    }
};

} // namespace nlbd::fuzz
