// Lines of the control socket: a request, or a reply to one.
#include "app/verbs.h"

#include "core/base/check.h"

using namespace nlbd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = viewOf(std::as_bytes(std::span(data, size)));
    if (const auto request = app::decodeRequest(text)) {
        const std::string line = app::encodeRequest(*request);
        CHECK(line.find('\n') == std::string::npos); // it ends the line on the socket
        const auto again = app::decodeRequest(line);
        CHECK(again && again->verb == request->verb && again->arguments == request->arguments);
        (void)app::needsNetwork(*request);
    }
    if (const auto reply = app::decodeReply(text)) {
        CHECK(reply->exit >= app::Exit::Ok && reply->exit <= app::Exit::Network);
        const std::string line = app::encodeReply(*reply);
        CHECK(line.find('\n') == std::string::npos);
        const auto again = app::decodeReply(line);
        CHECK(again && again->exit == reply->exit && again->lines == reply->lines);
    }
    return 0;
}
