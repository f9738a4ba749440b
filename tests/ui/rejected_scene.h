#pragma once

#include "tests/ui/decision_scene.h"

/// What a decision left out, as the engine tells it.
namespace nlbd::testing {

/// Words of Nikos, on which an edit of mine stands.
inline api::RejectedInfo hisWords(int number, std::uint64_t seq, std::string text)
{
    api::RejectedInfo info;
    info.change = idOf(number);
    info.device = DeviceIndex(3);
    info.seq = seq;
    info.doc = DocIndex(0);
    info.when = WallTime(Millis(1'795'000'000'000));
    info.text = std::move(text);
    info.mine = 1;
    info.by = Epoch(4);
    return info;
}

/// Words of my own that nothing stands on.
inline api::RejectedInfo myWords(int number, std::uint64_t seq, std::string text)
{
    api::RejectedInfo info = hisWords(number, seq, std::move(text));
    info.device = DeviceIndex(0);
    info.mine = 0;
    return info;
}

inline api::DevicesChanged myDevice(bool mayWrite)
{
    api::DeviceInfo device;
    device.device = DeviceIndex(0);
    device.isMine = device.isHere = device.hasSeat = device.mayRead = true;
    device.mayWrite = mayWrite;
    return {{device}};
}

/// How much Nikos wrote: yesterday, and before.
inline api::DeviceReviewed reviewed(std::uint64_t request)
{
    api::DeviceReviewed event;
    event.request = request;
    event.device = DeviceIndex(3);
    event.sittings = {{Seq(324), WallTime(Millis(1'795'000'000'000)), 88, 2},
                      {Seq(1), WallTime(Millis(1'794'000'000'000)), 411, 3}};
    return event;
}

} // namespace nlbd::testing
