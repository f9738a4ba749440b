// Devices of the person whose profile this is.

#include "app/device_desk.h"

namespace nlbd::app {

void Loop::obey(const api::RenewDevice &command)
{
    tell(renewDevice(*this, command.workspace));
}

void Loop::obey(const api::RevokeDevice &command)
{
    tell(revokeDevice(*this, command.workspace, command.device));
}

// Others let in whoever holds the key of a device that may read. The old key of a renewed device is
// revoked one day, and it may be a thief's.
void Loop::connectAsRenewed()
{
    const auto key = renewedKey(*this);
    if (!key)
        return;
    if (const auto done = m_profile.setDevice(*key); !done) {
        tell(done.error());
        return; // the old key still serves
    }
    beginIdentity();
}

} // namespace nlbd::app
