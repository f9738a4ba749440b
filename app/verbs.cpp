#include "app/verbs.h"

#include "app/loop.h"
#include "app/sentences.h"
#include "app/verb_parts.h"

#include <nlohmann/json.hpp>
#include <thread>

namespace nlbd::app {

using Json = nlohmann::json;

std::string Request::get(const std::string &name, std::string otherwise) const
{
    const auto found = arguments.find(name);
    return found == arguments.end() ? std::move(otherwise) : found->second;
}

VerbReply failure(Exit exit, const std::string &sentence)
{
    return {exit, {lineOf({{"ok", false}, {"error", sentence}, {"say", sentence}})}};
}

// Bytes that are no UTF-8 (a file name, say) are shown with replacement characters.
std::string lineOf(const Json &json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string encodeRequest(const Request &request)
{
    return lineOf({{"verb", request.verb}, {"arguments", request.arguments}});
}

std::optional<Request> decodeRequest(std::string_view text)
{
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("verb") || !json["verb"].is_string())
        return std::nullopt;
    Request request;
    request.verb = json["verb"].get<std::string>();
    const auto arguments = json.find("arguments");
    if (arguments == json.end())
        return request;
    if (!arguments->is_object())
        return std::nullopt;
    for (const auto &[name, value] : arguments->items()) {
        if (!value.is_string())
            return std::nullopt;
        request.arguments[name] = value.get<std::string>();
    }
    return request;
}

std::string encodeReply(const VerbReply &reply)
{
    Json json{{"exit", static_cast<int>(reply.exit)}, {"lines", reply.lines}};
    if (reply.next)
        json["next"] = encodeRequest(*reply.next);
    return lineOf(json);
}

std::optional<VerbReply> decodeReply(std::string_view text)
{
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("exit") || !json["exit"].is_number_integer()
        || !json.contains("lines") || !json["lines"].is_array())
        return std::nullopt;
    const auto exit = json["exit"].get<std::int64_t>();
    if (exit < static_cast<int>(Exit::Ok) || exit > static_cast<int>(Exit::Network))
        return std::nullopt;
    VerbReply reply;
    reply.exit = static_cast<Exit>(exit);
    for (const Json &line : json["lines"])
        if (line.is_string())
            reply.lines.push_back(line.get<std::string>());
    if (json.contains("next") && json["next"].is_string())
        reply.next = decodeRequest(json["next"].get<std::string>());
    return reply;
}

namespace {

using Verb = VerbReply (*)(Runtime &, const Request &);

const std::map<std::string_view, Verb> &table()
{
    static const std::map<std::string_view, Verb> kVerbs{
        {"init", verbs::init},
        {"card", verbs::card},
        {"invite", verbs::invite},
        {"join", verbs::join},
        {"found", verbs::found},
        {"accept", verbs::accept},
        {"decline", verbs::decline},
        {"list", verbs::list},
        {"show", verbs::show},
        {"edit", verbs::edit},
        {"new", verbs::create},
        {"import", verbs::import},
        {"attachments", verbs::attachments},
        {"attach", verbs::attach},
        {"detach", verbs::detach},
        {"fetch", verbs::fetch},
        {"save-attachment", verbs::saveAttachment},
        {"file-progress", verbs::fileProgress},
        {"log", verbs::log},
        {"blame", verbs::blame},
        {"status", verbs::status},
        {"verify", verbs::verify},
        {"evidence", verbs::evidence},
        {"archive", verbs::archive},
        {"propose", verbs::propose},
        {"vote", verbs::vote},
        {"decisions", verbs::decisions},
        {"rejected", verbs::rejected},
        {"take-back", verbs::takeBack},
        {"members", verbs::members},
        {"requests", verbs::requests},
        {"devices", verbs::devices},
        {"recovery", verbs::recovery},
        {"backup", verbs::backUp},
        {"restore", verbs::restoreBackup},
        {"backup-progress", verbs::backUpProgress},
        {"restore-progress", verbs::restoreProgress},
        {"found-anew", verbs::foundAnew},
    };
    return kVerbs;
}

bool doesSign(std::string_view verb)
{
    return verb == "edit" || verb == "new" || verb == "import" || verb == "propose"
        || verb == "vote" || verb == "take-back" || verb == "attach" || verb == "detach";
}

} // namespace

bool isRuntimeVerb(std::string_view verb)
{
    return table().contains(verb);
}

bool needsNetwork(const Request &request)
{
    return request.verb == "invite" || request.verb == "join" || request.verb == "accept"
        || request.verb == "decline" || request.verb == "fetch"
        || ((request.verb == "found" || request.verb == "found-anew") && request.has("with"))
        || (request.verb == "devices" && request.get("argument").starts_with("nlbd:device/"));
}

VerbReply performWhole(const Performing &ask, const Request &request,
                       const std::function<void(const VerbReply &)> &look)
{
    constexpr Millis kPause{100}; // as often as a person sees a number change
    VerbReply reply = ask(request);
    while (reply.next) {
        if (look)
            look(reply);
        std::this_thread::sleep_for(kPause);
        reply = ask(Request(*reply.next));
    }
    return reply;
}

VerbReply perform(Runtime &runtime, const Request &request)
{
    const auto verb = table().find(request.verb);
    if (verb == table().end())
        return failure(Exit::Usage, "\"" + request.verb + "\" is no verb; see --help.");
    if (doesSign(request.verb))
        if (auto refusal = whenMaySign(runtime, request); refusal)
            return std::move(*refusal);
    return verb->second(runtime, request);
}

} // namespace nlbd::app
