#pragma once

#include "core/identity/secret_key.h"

#include <memory>
#include <optional>

namespace nlbd::identity {

/// A file that only a passphrase opens: Argon2id makes the key, and libsodium's secretstream
/// (XChaCha20-Poly1305, one tag a piece) seals it in pieces, so that memory is bounded whatever the
/// size, and pieces can neither be altered, swapped, left out nor cut off at the end.
///
///     14 "nlbd-backup 1\n" | 16 salt | 24 header of the stream     kStreamHeadBytes
///     pieces of 65,536 bytes, each sealed + 17; the last one is shorter or as long, and says so
///
/// Time and memory of Argon2id are those of the format and do not stand in the file: nobody's file
/// makes this program take more of either.
inline constexpr std::size_t kStreamHeadBytes = 54;
inline constexpr std::size_t kPieceBytes = 64 * 1024;
inline constexpr std::size_t kSealedPieceBytes = kPieceBytes + 17;

struct StreamHead {
    ByteArray<16> salt{};
    ByteArray<24> stream{};
    friend bool operator==(const StreamHead &, const StreamHead &) = default;

    [[nodiscard]] Bytes encode() const;
    /// Nothing if it is not the beginning of such a file. Never reads beyond kStreamHeadBytes.
    [[nodiscard]] static std::optional<StreamHead> decode(ByteView bytes);
};

/// 32 bytes; takes a second and 256 MiB. Nothing if there is no memory for it.
[[nodiscard]] std::optional<SecretBytes> keyFromPassphrase(std::string_view passphrase,
                                                           const ByteArray<16> &salt);

enum class Piece : std::uint8_t { More, Last };

/// Seals pieces in order. @pre key.view().size() == 32
class StreamSealer {
public:
    explicit StreamSealer(const SecretBytes &key);
    [[nodiscard]] const ByteArray<24> &header() const noexcept { return m_header; }
    /// @pre plain.size() <= kPieceBytes
    [[nodiscard]] Bytes seal(ByteView plain, Piece piece);

private:
    SecretBytes m_state;
    ByteArray<24> m_header{};
};

/// Opens them in the same order.
class StreamOpener {
public:
    /// Nothing if no stream begins so.
    [[nodiscard]] static std::optional<StreamOpener> begin(const SecretBytes &key,
                                                           const ByteArray<24> &header);
    struct Opened {
        Bytes plain;
        Piece piece = Piece::More;
    };
    /// Nothing if it was sealed with another key, at another place, or altered.
    [[nodiscard]] std::optional<Opened> open(ByteView sealed);

private:
    StreamOpener() = default;
    SecretBytes m_state;
};

} // namespace nlbd::identity
