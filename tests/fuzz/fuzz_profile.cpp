// The small files of a profile: the first byte says which one, the rest is what stands in it.
#include "app/profile.h"
#include "core/base/digest.h"
#include "core/identity/name_rules.h"
#include "tests/fuzz/memory_file.h"

#include <fstream>

using namespace nlbd;

namespace {

const char *const kFiles[] = {"identity", "settings", "addresses", "invitations"};
constexpr std::size_t kMendedIdentity = std::size(kFiles);

void write(const std::filesystem::path &path, ByteView bytes)
{
    const std::string_view text = viewOf(bytes);
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(text.data(), static_cast<std::streamsize>(text.size()));
}

/// With the digest that belongs to it, without which no mutation gets past the first check.
Bytes withCheck(ByteView bytes)
{
    constexpr Domain kFileCheck{"rt1.idfile"};
    const ByteView body =
        bytes.first(bytes.size() - std::min<std::size_t>(bytes.size(), Hash::kSize));
    Bytes result = copyOf(body);
    const Hash check = digest(kFileCheck, body);
    result.insert(result.end(), check.value.begin(), check.value.end());
    return result;
}

void requireOrder(const app::Profile &profile)
{
    if (const app::Self *self = profile.self())
        CHECK(identity::isValidName(self->name)
              && isCertified(identity::Ed25519{}, self->person(), self->device.publicKey(),
                             self->certificate));
    for (const auto &[device, endpoints] : profile.addresses())
        CHECK(!endpoints.empty() && endpoints.size() <= app::Profile::kAddressesPerDevice);
    CHECK(profile.invitations().size() <= app::Profile::kInvitationsMax);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const fuzz::Folder kFolder;
    if (size == 0)
        return 0;
    const std::filesystem::path &folder = kFolder.path();
    const ByteView bytes = std::as_bytes(std::span(data, size)).subspan(1);
    const std::size_t which = data[0] % (kMendedIdentity + 1);
    for (const char *name : kFiles)
        std::filesystem::remove(folder / name);
    if (which == kMendedIdentity)
        write(folder / "identity", withCheck(bytes));
    else
        write(folder / kFiles[which], bytes);

    app::Profile::Addresses addresses;
    std::optional<PublicKey> me;
    {
        auto profile = app::Profile::open(folder);
        if (!profile)
            return 0;
        requireOrder(*profile);
        if (profile->self() != nullptr)
            me = profile->self()->person();
        CHECK(profile->rememberAddress(PublicKey{}, {"10.0.0.1", 4747}).has_value());
        CHECK(profile->addInvitation({}).has_value());
        requireOrder(*profile);
        addresses = profile->addresses();
    }
    // What it wrote, it reads the same again.
    const auto again = app::Profile::open(folder);
    CHECK(again.has_value() && again->addresses() == addresses);
    CHECK((again->self() != nullptr) == me.has_value() && (!me || again->self()->person() == *me));
    requireOrder(*again);
    return 0;
}
