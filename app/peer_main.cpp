#include "app/arguments.h"
#include "app/control_socket.h"
#include "app/replay.h"
#include "app/sentences.h"
#include "app/small_file.h"
#include "app/system_clock.h"
#include "app/type_demo.h"
#include "app/verb_parts.h"
#include "app/verify_decision.h"
#include "app/verify_evidence.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>
#include <unistd.h>

namespace nlbd::app {
namespace {

constexpr const char *kVersion = NLBD_VERSION;

void print(const VerbReply &reply, bool isJson)
{
    for (const std::string &line : reply.lines) {
        auto json = nlohmann::json::parse(line, nullptr, false);
        std::ostream &out =
            !isJson && json.is_object() && json.contains("error") ? std::cerr : std::cout;
        const std::string say = json.is_object() ? json.value("say", "") : line;
        if (isJson && json.is_object()) {
            json.erase("say");
            out << lineOf(json) << '\n';
        } else if (!say.empty()) {
            out << say << (say.ends_with('\n') ? "" : "\n");
        }
    }
    std::cout.flush();
}

/// What is worth knowing beside the reply: on standard error, so that what a script reads stays
/// what it asked for.
void printNotes(const std::vector<std::string> &notes, bool isJson)
{
    for (const std::string &note : notes)
        std::cerr << (isJson ? lineOf({{"note", note}}) : note) << '\n';
}

int finish(const VerbReply &reply, bool isJson)
{
    print(reply, isJson);
    if (std::cout)
        return static_cast<int>(reply.exit);
    std::cerr << "The output could not be written. The texts are safe where they were. See whether "
                 "its disk is full or its reader has ended.\n";
    return static_cast<int>(reply.exit == Exit::Ok ? Exit::Disk : reply.exit);
}

VerbReply failedProfile(const ProfileError &error)
{
    const bool isInUse = error.kind == ProfileError::Kind::InUse;
    return failure(isInUse ? Exit::InUse : Exit::Disk, sentenceOf(error));
}

// ---- Signals: SIGINT and SIGTERM are taken by one thread's wait, never by a handler

sigset_t endSignals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

/// True if a signal to end came within the time.
bool isEnded(Millis patience)
{
    const sigset_t set = endSignals();
    timespec time{};
    time.tv_sec = static_cast<time_t>(patience.count() / 1000);
    time.tv_nsec = static_cast<long>(patience.count() % 1000 * 1'000'000);
    return sigtimedwait(&set, nullptr, &time) > 0;
}

// ---- Verbs that are no runtime's

// Whole or not at all, so that a full disk does not take the file of before as well. What is no
// ordinary file (a pipe, a terminal, a link) cannot be replaced and is written into.
bool writeWhole(const std::string &name, ByteView bytes)
{
    std::error_code error;
    const auto before = std::filesystem::symlink_status(name, error);
    const bool isReplaced =
        !std::filesystem::exists(before) || std::filesystem::is_regular_file(before);
    const std::string target = isReplaced ? name + ".new" : name;
    std::ofstream out(target, std::ios::binary | std::ios::trunc);
    out << viewOf(bytes);
    out.close();
    bool isWritten = !out.fail();
    if (isWritten && std::filesystem::is_regular_file(before))
        std::filesystem::permissions(target, before.permissions(), error);
    if (isWritten && isReplaced) {
        std::filesystem::rename(target, name, error);
        isWritten = !error;
    }
    if (!isWritten && isReplaced)
        std::filesystem::remove(target, error);
    return isWritten;
}

VerbReply writeFile(const std::string &name, ByteView bytes)
{
    if (!writeWhole(name, bytes))
        return failure(Exit::Disk,
                       "\"" + name
                           + "\" cannot be written. The text is safe where it was, and a file that "
                             "was there is as before. See whether the folder exists and the disk "
                             "has room.");
    return {
        Exit::Ok,
        {lineOf({{"ok", true},
                 {"file", name},
                 {"bytes", bytes.size()},
                 {"say", "Wrote " + name + " (" + std::to_string(bytes.size()) + " bytes)."}})}};
}

// export, evidence and decisions --output write where the caller stands, not where the running
// program does.
VerbReply writeResult(const Arguments &arguments, const VerbReply &reply)
{
    const std::string output = arguments.get("output");
    const std::string id = arguments.get("id");
    for (const std::string &line : reply.lines) {
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (!json.is_object())
            continue;
        if (json.contains("archive")) {
            VerbReply done =
                writeFile(arguments.get("archive"),
                          fromBase64Url(json["archive"].get<std::string>()).value_or(Bytes{}));
            if (done.exit == Exit::Ok && json.value("attachments", 0U) > 0)
                done.lines.push_back(lineOf({{"ok", true},
                                             {"attachments", json["attachments"]},
                                             {"say", json.value("say", "")}}));
            return done;
        }
        if (arguments.verb == "export" && json.contains("text"))
            return writeFile(output, bytesOf(json["text"].get<std::string>()));
        const bool isAsked = arguments.verb == "decisions"
            || (arguments.verb == "evidence" && json.value("id", "").starts_with(id));
        if (isAsked && json.contains("file"))
            return writeFile(output,
                             fromBase64Url(json["file"].get<std::string>()).value_or(Bytes{}));
    }
    return failure(Exit::NotFound, "There is no such proof. \"evidence\" lists those there are.");
}

/// Verbs whose reply holds what the notes would say.
bool saysItself(std::string_view verb)
{
    return verb == "verify" || verb == "status";
}

bool says(const VerbReply &reply, const std::string &sentence)
{
    return std::ranges::any_of(reply.lines, [&sentence](const std::string &line) {
        const auto json = nlohmann::json::parse(line, nullptr, false);
        return json.is_object() && json.value("error", "") == sentence;
    });
}

/// For people: programs are told when it is done.
void showProgress(const VerbReply &reply, bool isJson)
{
    if (isJson || ::isatty(STDERR_FILENO) == 0 || reply.lines.empty())
        return;
    const auto json = nlohmann::json::parse(reply.lines.front(), nullptr, false);
    if (json.is_object() && json.contains("done"))
        std::cerr << "\r" << json.value("say", "") << "\x1b[K" << std::flush;
}

VerbReply performHereOrThere(const Arguments &arguments, const Request &request)
{
    constexpr Millis kPatience{60'000};
    const auto look = [&arguments](const VerbReply &reply) {
        showProgress(reply, arguments.isJson);
    };
    if (auto profile = Profile::open(arguments.profile); profile) {
        if (needsNetwork(request))
            return failure(
                Exit::Network,
                "This needs a program that is online with the profile. Start \"nlbd-peer "
                "run\" (or the app), then say this again.");
        const bool isBeginning = request.verb == "init"
            || (request.verb == "devices" && request.get("what") == "link")
            || (request.verb == "recovery" && request.get("what") == "restore")
            || request.verb == "restore";
        if (profile->self() == nullptr && !isBeginning)
            return failure(Exit::NotFound,
                           "There is no identity in this profile yet. \"init NAME\" makes one.");
        Runtime runtime(std::move(*profile), arguments.runtime, nullptr);
        VerbReply reply = performWhole(
            [&runtime](const Request &asked) { return perform(runtime, asked); }, request, look);
        auto notes = saysItself(request.verb) ? std::vector<std::string>() : notesOf(runtime);
        std::erase_if(notes, [&reply](const std::string &note) { return says(reply, note); });
        printNotes(notes, arguments.isJson);
        return reply;
    } else if (profile.error().kind != ProfileError::Kind::InUse) {
        return failedProfile(profile.error());
    }
    return performWhole(
        [&arguments](const Request &asked) {
            const auto line = askRunning(arguments.profile, encodeRequest(asked), kPatience);
            const auto reply = line ? decodeReply(*line) : std::nullopt;
            return reply
                ? *reply
                : failure(Exit::InUse,
                          "Another program uses this profile and does not answer. Your texts are "
                          "safe. End that program, or wait until it has started.");
        },
        request, look);
}

/// Fits a line of the control socket.
constexpr std::size_t kArchiveFileMax = 64UL * 1024 * 1024;

/// Recovery words come from standard input, as what is typed behind a verb is seen by everybody who
/// lists the processes and stays in the shell's history. They are shown on a terminal only, so that
/// no file or log gets them by mistake. Nothing, or why not.
std::optional<VerbReply> prepareRecovery(const Arguments &arguments, Request &request)
{
    constexpr std::size_t kWordsBytesMax = 4096;
    if (request.get("what") == "show") {
        if (::isatty(STDOUT_FILENO) != 0 || arguments.has("anyway"))
            return std::nullopt;
        return failure(Exit::Usage,
                       "Recovery words are shown on a terminal. If they shall go into a file or to "
                       "another program, say it again with --anyway.");
    }
    if (request.get("what") != "check" && request.get("what") != "restore")
        return std::nullopt; // told what there is
    if (::isatty(STDIN_FILENO) != 0)
        std::cerr << "Type the 12 or 24 words, then Enter and Ctrl+D.\n";
    std::string words(kWordsBytesMax, '\0');
    std::cin.read(words.data(), static_cast<std::streamsize>(words.size()));
    words.resize(static_cast<std::size_t>(std::cin.gcount()));
    request.arguments["words"] = std::move(words);
    return std::nullopt;
}

/// The passphrase of a backup, from standard input for the same reason: its first line. Where it is
/// typed to be used from now on it is typed twice. Nothing, or why not.
std::optional<VerbReply> preparePassphrase(Request &request)
{
    const bool isTyped = ::isatty(STDIN_FILENO) != 0;
    const auto line = [isTyped](const char *ask) {
        if (isTyped)
            std::cerr << ask;
        std::string typed;
        for (char c = 0;
             typed.size() <= api::BackUp::kPassphraseBytesMax && std::cin.get(c) && c != '\n';)
            typed += c;
        return typed;
    };
    request.arguments["passphrase"] = line("Passphrase of the backup (it is shown): ");
    if (request.verb == "backup" && isTyped
        && line("Once more: ") != request.arguments["passphrase"])
        return failure(Exit::Usage, "These were two different passphrases. Nothing was written.");
    return std::nullopt;
}

VerbReply runtimeVerb(const Arguments &arguments)
{
    if (arguments.verb == "decisions" && arguments.has("id") != arguments.has("output"))
        return failure(Exit::Usage,
                       "decisions takes --id NUMBER and --output FILE together; see --help.");
    auto request = requestFrom(arguments);
    if (!request)
        return request.error();
    if (request->verb == "recovery")
        if (auto refusal = prepareRecovery(arguments, *request); refusal)
            return std::move(*refusal);
    if (request->verb == "backup" || request->verb == "restore")
        if (auto refusal = preparePassphrase(*request); refusal)
            return std::move(*refusal);
    const bool isExport = arguments.verb == "export";
    const bool isArchive = isExport && arguments.has("archive");
    if (isExport)
        request->verb = isArchive ? "archive" : "show";
    if (arguments.verb == "verify" && !arguments.words.empty()) {
        const auto file = readSmallFile(arguments.words.front(), kArchiveFileMax);
        if (!file || !*file)
            return failure(Exit::NotFound, "\"" + arguments.words.front() + "\" cannot be read.");
        request->arguments["archive"] = toBase64Url(**file);
    }
    const VerbReply reply = performHereOrThere(arguments, *request);
    const bool hasFile = isExport || arguments.verb == "evidence" || arguments.verb == "decisions";
    const bool isWritten = isArchive || (arguments.has("output") && hasFile);
    return reply.exit == Exit::Ok && isWritten ? writeResult(arguments, reply) : reply;
}

// ---- Being online

std::expected<std::unique_ptr<ControlServer>, ProfileError>
serveVerbs(Runtime &runtime, const std::filesystem::path &folder)
{
    return ControlServer::open(folder, [&runtime](const std::string &line) {
        const auto request = decodeRequest(line);
        return encodeReply(request ? perform(runtime, *request)
                                   : failure(Exit::Usage, "This is no request."));
    });
}

/// Waits until the mesh listens or says why not.
std::optional<VerbReply> failureToListen(Runtime &runtime)
{
    const auto isDecided = [](Loop &loop) { return loop.port() != 0 || loop.networkTrouble(); };
    (void)waitUntil(runtime, isDecided, Millis{10'000});
    return runtime.ask<std::optional<VerbReply>>(
        [](Loop &loop) -> std::optional<VerbReply> {
            if (loop.port() != 0 || !loop.networkTrouble())
                return std::nullopt;
            return failure(exitOf(*loop.networkTrouble()), sentenceOf(*loop.networkTrouble()));
        },
        std::nullopt);
}

void announce(Runtime &runtime, bool isJson)
{
    const auto line = runtime.ask<VerbReply>(
        [](Loop &loop) -> VerbReply {
            const std::string device = loop.profile().self()->device.publicKey().hex();
            return {Exit::Ok,
                    {lineOf({{"online", true},
                             {"port", loop.port()},
                             {"device", device},
                             {"name", loop.profile().self()->name},
                             {"say",
                              "Online as " + loop.profile().self()->name + " at port "
                                  + std::to_string(loop.port()) + ". Ctrl+C ends."}})}};
        },
        {});
    print(line, isJson);
}

ReplayOptions replayOptions(const Arguments &arguments)
{
    ReplayOptions options;
    options.workspace = arguments.get("workspace");
    options.title = arguments.get("doc", "Replay");
    options.agent = std::strtoul(arguments.get("agent", "0").c_str(), nullptr, 10);
    const std::string names = arguments.get("agents");
    for (std::size_t from = 0; from <= names.size();) {
        const std::size_t comma = std::min(names.find(',', from), names.size());
        options.agents.push_back(names.substr(from, comma - from));
        from = comma + 1;
    }
    if (arguments.has("timeout"))
        options.patience =
            Millis(1000 * std::strtol(arguments.get("timeout").c_str(), nullptr, 10));
    return options;
}

void stayOnline(Runtime &runtime, bool types)
{
    TypeDemo demo(SystemRandom{}.next64());
    Millis pause{500};
    while (!isEnded(types ? pause : Millis{1000}))
        if (types)
            pause =
                runtime.ask<Millis>([&demo](Loop &loop) { return demo.type(loop); }, Millis{500});
}

VerbReply beOnline(const Arguments &arguments)
{
    const sigset_t set = endSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr); // before any thread, so that all inherit it
    auto profile = Profile::open(arguments.profile);
    if (!profile)
        return failedProfile(profile.error());
    if (profile->self() == nullptr)
        return failure(Exit::NotFound,
                       "There is no identity in this profile yet. \"init NAME\" makes one.");
    const bool isReplay = arguments.verb == "replay";
    std::optional<Trace> trace;
    if (isReplay) {
        auto read = readTrace(arguments.get("trace"));
        if (!read)
            return failure(Exit::NotFound, read.error() + ".");
        trace = std::move(*read);
    }
    Runtime runtime(std::move(*profile), arguments.runtime, makeNetwork());
    const auto server = serveVerbs(runtime, arguments.profile);
    if (!server)
        return failedProfile(server.error());
    if (arguments.has("visible"))
        runtime.lobby().submit(api::SetVisible{true});
    if (auto failed = failureToListen(runtime); failed)
        return *failed;
    announce(runtime, arguments.isJson);
    printNotes(notesOf(runtime), arguments.isJson);
    if (!isReplay) {
        stayOnline(runtime, arguments.has("type-demo"));
        return storeLast(runtime);
    }
    bool isOver = false;
    VerbReply reply = replay(runtime, *trace, replayOptions(arguments),
                             [&isOver] { return isOver = isOver || isEnded(Millis{0}); });
    if (!arguments.has("stay") || isOver)
        return reply;
    print(reply, arguments.isJson);
    stayOnline(runtime, false);
    return {reply.exit, {}};
}

int run(const std::vector<std::string> &words)
{
    const auto arguments = readArguments(words);
    if (!arguments)
        return finish(failure(Exit::Usage, arguments.error()),
                      std::ranges::count(words, "--json") > 0);
    if (arguments->has("help")) {
        std::cout << helpText();
        return 0;
    }
    if (arguments->has("version")) {
        std::cout << "nlbd-peer " << kVersion << '\n';
        return 0;
    }
    if (arguments->verb.empty())
        return finish(failure(Exit::Usage, "nlbd-peer needs a verb; see --help."),
                      arguments->isJson);
    if (arguments->verb == "verify-evidence")
        return finish(arguments->words.empty()
                          ? failure(Exit::Usage, "verify-evidence needs a file; see --help.")
                          : verifyEvidence(arguments->words.front()),
                      arguments->isJson);
    if (arguments->verb == "verify-decision")
        return finish(arguments->words.empty()
                          ? failure(Exit::Usage, "verify-decision needs a file; see --help.")
                          : verifyDecision(arguments->words.front(), arguments->get("workspace")),
                      arguments->isJson);
    if (arguments->verb == "run" || arguments->verb == "replay")
        return finish(beOnline(*arguments), arguments->isJson);
    if (isRuntimeVerb(arguments->verb) || arguments->verb == "export")
        return finish(runtimeVerb(*arguments), arguments->isJson);
    return finish(failure(Exit::Usage, "\"" + arguments->verb + "\" is no verb; see --help."),
                  arguments->isJson);
}

} // namespace
} // namespace nlbd::app

int main(int argc, char **argv)
{
    std::signal(SIGPIPE, SIG_IGN);
    return nlbd::app::run({argv + 1, argv + argc});
}
