// A command line, one word per line of the input.
#include "app/arguments.h"

#include "core/base/check.h"
#include "core/base/utf8.h"

#include <algorithm>

using namespace nlbd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = viewOf(std::as_bytes(std::span(data, size)));
    std::vector<std::string> words;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        words.emplace_back(text.substr(from, end - from));
        from = end + 1;
    }
    const auto arguments = app::readArguments(words);
    if (!arguments || arguments->verb == "import") // which reads a file: see fuzz_text_file
        return 0;
    const auto request = app::requestFrom(*arguments);
    if (!request || !utf8::isValid(text))
        return 0;
    const auto again = app::decodeRequest(app::encodeRequest(*request));
    CHECK(again && again->verb == request->verb && again->arguments == request->arguments);
    return 0;
}
