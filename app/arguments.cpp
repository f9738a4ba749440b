#include "app/arguments.h"

#include "app/text_file.h"

#include <set>

namespace nlbd::app {

namespace {

const std::set<std::string, std::less<>> kSwitches{"json",     "loopback",  "accept-founding",
                                                   "visible",  "open-door", "shut-door",
                                                   "map-port", "type-demo", "stay",
                                                   "help",     "version",   "anyway",
                                                   "stop"};
const std::set<std::string, std::less<>> kValues{
    "profile", "listen", "workspace", "name",    "address", "title",  "at",     "remove",
    "insert",  "append", "output",    "trace",   "agent",   "agents", "doc",    "timeout",
    "id",      "draft",  "document",  "archive", "day",     "since",  "because"};

std::optional<std::string> takePeer(const std::string &text, RuntimeOptions &options)
{
    const std::size_t equals = text.rfind('=');
    const auto endpoint = net::parseEndpoint(text.substr(0, equals));
    const auto bytes =
        equals == std::string::npos ? std::nullopt : fromHex(text.substr(equals + 1));
    const auto key = bytes ? PublicKey::from(*bytes) : std::nullopt;
    if (!endpoint || !key)
        return "--peer takes HOST:PORT=KEY, with the 64 digits that \"card --json\" prints as "
               "device.";
    options.peers.emplace_back(*key, *endpoint);
    return std::nullopt;
}

std::optional<std::string> apply(Arguments &arguments)
{
    arguments.isJson = arguments.has("json");
    arguments.profile = arguments.has("profile") ? std::filesystem::path(arguments.get("profile"))
                                                 : Profile::defaultFolder();
    RuntimeOptions &runtime = arguments.runtime;
    runtime.acceptsFoundings = arguments.has("accept-founding");
    runtime.isDoorOpen = !arguments.has("shut-door")
        && (arguments.verb == "run" || arguments.has("accept-founding")
            || arguments.has("open-door"));
    runtime.network.isLoopbackOnly = arguments.has("loopback");
    runtime.network.isPortMapped = arguments.has("map-port");
    if (arguments.has("day")) {
        const long seconds = std::strtol(arguments.get("day").c_str(), nullptr, 10);
        if (seconds < 1 || seconds > 86'400)
            return "--day takes 1 to 86400 seconds.";
        runtime.dayLength = std::chrono::seconds(seconds);
    }
    if (arguments.has("listen")) {
        auto endpoint = readListenAddress(arguments.get("listen"));
        if (!endpoint)
            return endpoint.error();
        runtime.network.listen = std::move(*endpoint);
    }
    for (const std::string &peer : arguments.peers)
        if (auto error = takePeer(peer, runtime); error)
            return error;
    return std::nullopt;
}

} // namespace

std::expected<net::Endpoint, std::string> readListenAddress(std::string text)
{
    const bool isAnyPort = text.ends_with(":0"); // no address to dial, but one to listen at
    if (isAnyPort)
        text.back() = '1';
    auto endpoint = net::parseEndpoint(text);
    if (!endpoint)
        return std::unexpected("--listen takes HOST:PORT: "
                               + std::string(net::describe(endpoint.error())));
    endpoint->port = isAnyPort ? std::uint16_t{0} : endpoint->port;
    return std::move(*endpoint);
}

std::string Arguments::get(const std::string &name, std::string otherwise) const
{
    const auto found = options.find(name);
    return found == options.end() ? std::move(otherwise) : found->second;
}

std::expected<Arguments, std::string> readArguments(const std::vector<std::string> &words)
{
    Arguments result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string &word = words[i];
        if (!word.starts_with("--") || word == "--") {
            if (result.verb.empty())
                result.verb = word;
            else
                result.words.push_back(word);
            continue;
        }
        std::string name = word.substr(2);
        if (kSwitches.contains(name)) {
            result.options[name] = "1";
            continue;
        }
        if (name != "peer" && name != "with" && !kValues.contains(name))
            return std::unexpected(word + " is no option; see --help.");
        if (i + 1 == words.size())
            return std::unexpected(word + " needs a value; see --help.");
        if (name == "peer") {
            result.peers.push_back(words[++i]);
        } else if (name == "with") {
            while (i + 1 < words.size() && !words[i + 1].starts_with("--"))
                result.cards.push_back(words[++i]);
        } else {
            result.options[name] = words[++i];
        }
    }
    if (auto error = apply(result); error)
        return std::unexpected(*error);
    return result;
}

namespace {

/// The program that answers may stand elsewhere.
std::string fromHere(const std::string &file)
{
    std::error_code unknown;
    return std::filesystem::absolute(file, unknown).lexically_normal().string();
}

/// What verbs about attachments take; or why not.
std::optional<std::string> readAttachmentWords(const Arguments &arguments, Request &request)
{
    const std::string &verb = arguments.verb;
    const std::vector<std::string> &words = arguments.words;
    const bool isSaving = verb == "save-attachment";
    if (verb == "attachments" && !words.empty())
        request.arguments["document"] = words.front();
    if (verb == "attach" && words.empty())
        return verb + " needs a file; see --help.";
    if (verb == "fetch" || verb == "detach" || isSaving) {
        if (words.size() < (isSaving ? 2U : 1U))
            return verb + " needs an attachment" + (isSaving ? " and a file" : "")
                + "; see --help.";
        request.arguments["attachment"] = words.front();
    }
    if (verb == "attach" || isSaving)
        request.arguments["file"] = fromHere(words.back());
    return std::nullopt;
}

} // namespace

std::expected<Request, VerbReply> requestFrom(const Arguments &arguments)
{
    Request request{arguments.verb, {}};
    for (const char *name : {"workspace", "name", "address", "title", "at", "remove", "insert",
                             "append", "draft", "anyway", "since", "because", "document", "stop"})
        if (arguments.has(name))
            request.arguments[name] = arguments.get(name);
    const auto needWord = [&](const char *name, const char *what) -> std::optional<std::string> {
        if (arguments.words.empty())
            return arguments.verb + " needs " + what + "; see --help.";
        request.arguments[name] = arguments.words.front();
        return std::nullopt;
    };
    std::optional<std::string> error;
    const std::string &verb = arguments.verb;
    if (verb == "init")
        error = arguments.has("name") ? std::nullopt : needWord("name", "a name");
    else if (verb == "join")
        error = needWord("invitation", "an invitation");
    else if (verb == "new")
        error = arguments.has("title") ? std::nullopt : needWord("title", "a title");
    else if (verb == "show" || (verb == "export" && !arguments.has("archive")) || verb == "edit"
             || verb == "blame")
        error = needWord("document", "a document");
    else if (verb == "log" && !arguments.words.empty())
        request.arguments["document"] = arguments.words.front();
    else if (verb.starts_with("found") && !arguments.has("name"))
        error = verb + " needs --name; see --help.";
    else if (verb == "import" || verb == "backup" || verb == "restore")
        error = needWord("file", "a file");
    else if (verb == "propose")
        error = needWord("what", "what is asked for");
    else if (verb == "take-back")
        error = needWord("whom", "a name, or digits of a device's key");
    else if (verb == "vote")
        error = needWord("proposal", "a proposal");
    else
        error = readAttachmentWords(arguments, request);
    if (verb == "decisions" && arguments.has("id"))
        request.arguments["id"] = arguments.get("id");
    if ((verb == "devices" || verb == "recovery") && !arguments.words.empty())
        request.arguments["what"] = arguments.words.front();
    if (arguments.words.size() > 1
        && (verb == "propose" || verb == "devices" || verb == "recovery"))
        request.arguments["argument"] = arguments.words[1];
    if (arguments.words.size() > 1 && verb == "vote")
        request.arguments["answer"] = arguments.words[1];
    if (error)
        return std::unexpected(failure(Exit::Usage, *error));
    if (verb.starts_with("found"))
        for (const std::string &card : arguments.cards)
            request.arguments["with"] += card + " ";
    if (verb == "backup" || verb == "restore")
        request.arguments["file"] = fromHere(request.get("file"));
    if (verb == "import") {
        const std::filesystem::path file = request.get("file");
        auto text = readTextFile(file);
        if (!text) {
            const bool isThere = text.error().kind == TextFileError::Kind::NotText;
            return std::unexpected(
                failure(isThere ? Exit::Usage : Exit::NotFound, text.error().sentence));
        }
        request.arguments.erase("file");
        request.arguments["text"] = std::move(*text);
        if (!request.has("title"))
            request.arguments["title"] = file.stem().string();
    }
    return request;
}

} // namespace nlbd::app
