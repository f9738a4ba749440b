#include "core/blobs/blob_ref.h"

#include <cstdlib>

/// A value as another member wrote it into a document, in the field that it would be in, and in
/// one of its own choice: what decodes has one form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using nlbd::blobs::BlobRef;
    const std::string_view value(reinterpret_cast<const char *>(data), size);
    const std::string_view field = value.substr(0, value.find('\0'));
    const auto chosen =
        BlobRef::decode(field, value.substr(std::min(value.size(), field.size() + 1)));
    if (chosen && (chosen->field() != field || !nlbd::blobs::isBlobField(field)))
        std::abort();
    // Any field would do but for its name: the top is asked for where it stands.
    BlobRef named;
    std::string_view rest = value;
    for (int line = 0; line < 2 && rest.find('\n') != std::string_view::npos; ++line)
        rest.remove_prefix(rest.find('\n') + 1);
    const auto top = nlbd::fromHex(rest.substr(0, 64));
    if (!top || top->size() != 32)
        return 0;
    named.top = *nlbd::Hash::from(*top);
    named.size = std::strtoull(std::string(value.substr(std::min<std::size_t>(2, size))).c_str(),
                               nullptr, 10);
    const auto decoded = BlobRef::decode(named.field(), value);
    if (decoded && decoded->encode() != value)
        std::abort();
    return 0;
}
