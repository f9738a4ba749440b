#include "core/blobs/blob_ref.h"

#include "core/base/blob_limits.h"
#include "core/base/harmless_name.h"
#include "core/blobs/piece_tree.h"

#include <charconv>

namespace nlbd::blobs {

namespace {

constexpr std::string_view kPrefix = "blob.";
constexpr std::string_view kLevel = "1";
constexpr std::size_t kTypeBytesMax = 127;
constexpr std::string_view kAnyType = "application/octet-stream";
constexpr std::size_t kFieldDigits = 32; // half of the root: a key has 64 bytes at most

bool isTypeCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
        || std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
}

bool isPlainType(std::string_view type)
{
    const std::size_t slash = type.find('/');
    return type.size() <= kTypeBytesMax && slash != std::string_view::npos && slash > 0
        && slash + 1 < type.size() && std::ranges::all_of(type.substr(0, slash), isTypeCharacter)
        && std::ranges::all_of(type.substr(slash + 1), isTypeCharacter);
}

/// Up to the next line break, which is taken away; nothing if there is none.
std::optional<std::string_view> takeLine(std::string_view &text)
{
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos)
        return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

std::optional<ByteArray<32>> bytesFrom(std::string_view digits)
{
    const auto bytes = fromHex(digits);
    const auto hash = bytes ? Hash::from(*bytes) : std::nullopt;
    return hash && hash->hex() == digits ? std::optional(hash->value) : std::nullopt;
}

} // namespace

bool isBlobField(std::string_view field) noexcept
{
    return field.starts_with(kPrefix);
}

std::string plainMediaType(std::string_view type)
{
    std::string lower(type);
    for (char &c : lower)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return isPlainType(lower) ? lower : std::string(kAnyType);
}

Hash BlobRef::root() const
{
    return rootOf(size, top);
}

std::string fieldOf(const Hash &root)
{
    return std::string(kPrefix) + root.hex().substr(0, kFieldDigits);
}

std::string BlobRef::field() const
{
    return fieldOf(root());
}

std::string BlobRef::encode() const
{
    std::string text(kLevel);
    for (const std::string &line : {std::to_string(size), top.hex(), toHex(key), mediaType, name})
        text += '\n' + line;
    return text;
}

std::expected<BlobRef, Code> BlobRef::decode(std::string_view field, std::string_view value)
{
    BlobRef ref;
    const auto level = takeLine(value);
    const auto size = takeLine(value);
    const auto top = takeLine(value);
    const auto key = takeLine(value);
    const auto type = takeLine(value);
    if (level != kLevel || !size || !top || !key || !type || !isPlainType(*type))
        return std::unexpected(Code::E_CANON);
    const char *const end = size->data() + size->size();
    const auto read = std::from_chars(size->data(), end, ref.size);
    if (read.ec == std::errc::result_out_of_range
        || (read.ec == std::errc{} && read.ptr == end && ref.size > limits::kBlobBytesMax))
        return std::unexpected(Code::E_BOUNDS);
    const auto topBytes = bytesFrom(*top);
    const auto keyBytes = bytesFrom(*key);
    if (read.ec != std::errc{} || read.ptr != end || std::to_string(ref.size) != *size || !topBytes
        || !keyBytes)
        return std::unexpected(Code::E_CANON);
    ref.top.value = *topBytes;
    ref.key = *keyBytes;
    ref.mediaType = *type;
    ref.name = value;
    if (harmlessName(ref.name) != ref.name || ref.field() != field)
        return std::unexpected(Code::E_CANON);
    return ref;
}

} // namespace nlbd::blobs
