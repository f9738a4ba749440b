#include "tests/support/script.h"

// Any bytes as what two or three people do with a document (tests/support/script.h): they write,
// format, craft what no editor makes, exchange changes, hold them void, take them back, look into
// the past, save and open. All documents agree with the naive oracles all the way.

using namespace nlbd;

namespace {

constexpr std::size_t kStepsMax = 48; // the oracle is slow

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::span bytes(data, size);
    (void)test::runScript(2 + bytes[0] % 2U, test::Width::Rich,
                          test::scriptOf(bytes.subspan(1), kStepsMax), test::Care::Seldom);
    return 0;
}
