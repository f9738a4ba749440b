#include "app/backup_file.h"

#include <cstdlib>

/// Any bytes as the head of a backup, and as the index in one. What is taken encodes to the same
/// bytes, and names nothing outside of a profile folder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace nlbd;
    const auto bytes = std::as_bytes(std::span(data, size));
    if (const auto head = identity::StreamHead::decode(bytes)) {
        const Bytes again = head->encode();
        if (again.size() != identity::kStreamHeadBytes
            || !std::equal(again.begin(), again.end(), bytes.begin()))
            std::abort();
    }
    if (const auto entries = app::decodeIndex(bytes)) {
        if (app::decodeIndex(app::encodeIndex(*entries)) != entries)
            std::abort();
        for (const app::BackupEntry &entry : *entries)
            if (entry.name.find("..") != std::string::npos || entry.name.starts_with('/'))
                std::abort();
    }
    return 0;
}
