#pragma once

#include "core/identity/secret_key.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace nlbd::mesh {

/// What is done to exports that were found good, so that the checks can be seen to fail.
struct Alteration {
    struct Scene {
        QStringList folders; ///< copies of the exports; all of them stay members
        QString signer;      ///< an honest member
        const identity::SecretKey &device;
    };
    const char *name;
    const char *fault;                 ///< what one of the sentences must say
    bool (*apply)(const Scene &scene); ///< false if it could not be done
    bool isSignerHostile = false;      ///< whoever signs it is said to be no honest member
};
[[nodiscard]] const std::vector<Alteration> &alterations();

} // namespace nlbd::mesh
