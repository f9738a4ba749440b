#pragma once

#include "core/base/digest.h"

namespace nlbd::domains {

inline constexpr Domain kProposal{"rt1.proposal"};
inline constexpr Domain kApproval{"rt1.approval"};
inline constexpr Domain kClose{"rt1.close"};
inline constexpr Domain kClosing{"rt1.closing"}; ///< the closing frontier
inline constexpr Domain kValue{"rt1.value"};
inline constexpr Domain kConfiguration{"rt1.config"};
inline constexpr Domain kOffer{"rt1.offer"};

} // namespace nlbd::domains
