#include "app/verb_parts.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace nlbd::app::verbs {

namespace {

/// No window counts so far.
constexpr std::uint64_t kView = std::numeric_limits<std::uint64_t>::max();

/// As a person would in a window of its own: the engine knows what an edit stands on, also where a
/// device wrote two histories, and signs at once what is no typing. False if it was not taken.
bool stepEdit(Loop &loop, const WorkspaceHost &host, DocIndex doc, const TextPatch &patch,
              TextOffset length)
{
    using Cause = api::EditText::Cause;
    loop.step(host.id(), api::Command{api::OpenDocument{doc, kView}});
    loop.step(host.id(), api::Command{api::EditText{doc, kView, 0, 1, {patch}, Cause::Import}});
    loop.step(host.id(), api::Command{api::CloseDocument{doc, kView}});
    return utf8::length(host.engine().text(doc).value_or(""))
        == length - patch.removed + utf8::length(patch.inserted);
}

std::optional<TextOffset> number(const Request &request, const std::string &name,
                                 TextOffset otherwise)
{
    if (!request.has(name))
        return otherwise;
    const std::string text = request.get(name);
    TextOffset value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

struct Place {
    WorkspaceId workspace;
    DocIndex doc;
    std::optional<VerbReply> refusal;
};

/// Why a title cannot be one.
std::optional<std::string> faultOf(const std::string &title)
{
    if (!utf8::isValid(title))
        return "A title is text in UTF-8. Nothing was changed. Choose another with --title.";
    if (title.empty() || title.size() > limits::kFieldValueBytesMax || plainLine(title) != title)
        return "A title is one line of 1 to 4096 bytes. Nothing was changed. Choose another with "
               "--title.";
    return std::nullopt;
}

/// Its seat is at another device of its person: there the person goes on.
bool isReplaced(const engine::Engine &engine)
{
    const auto devices = engine.devices();
    const auto isSeat = [](const api::DeviceInfo &device) {
        return device.isMine && device.hasSeat && !device.isHere;
    };
    const auto isEnded = [](const api::DeviceInfo &device) {
        return device.isHere && device.mayRead && !device.mayWrite;
    };
    return std::ranges::any_of(devices, isSeat) && std::ranges::any_of(devices, isEnded);
}

/// Why nothing can be written at the moment.
std::optional<VerbReply> refusalOf(const WorkspaceHost &host)
{
    const engine::Engine &engine = host.engine();
    if (const auto *mine = engine.configuration().device(engine.me());
        mine == nullptr || !mine->mayWrite)
        return failure(
            Exit::Failed,
            isReplaced(engine)
                ? "Another computer of yours writes and votes in place of this one: your "
                  "key said so, and the members decided it. This one may read on. "
                  "Nothing was changed. If that was not you, tell the others: somebody "
                  "has your recovery words."
                : "You may read here, but not write: the members decided so. Nothing was "
                  "changed.");
    if (!engine.isBehindJournal())
        return std::nullopt;
    return failure(Exit::Failed,
                   "Your earlier words are not back yet: a damaged file was set aside, and they "
                   "stand on what others wrote. Nothing was changed. Try again when somebody else "
                   "was online.");
}

VerbReply createDocument(Runtime &runtime, const Request &request, const std::string &text)
{
    if (const auto fault = faultOf(request.get("title")); fault)
        return failure(Exit::Usage, *fault);
    const auto place = runtime.ask<Place>(
        [request, text](Loop &loop) -> Place {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return {{}, {}, host.error()};
            if (auto refusal = refusalOf(**host); refusal)
                return {{}, {}, std::move(refusal)};
            const std::string title = request.get("title");
            const std::vector<DocIndex> before = (*host)->engine().documentsNamed(title);
            loop.step((*host)->id(), api::Command(api::CreateDocument{0, title, text}));
            for (const DocIndex doc : (*host)->engine().documentsNamed(title))
                if (!std::ranges::count(before, doc))
                    return {(*host)->id(), doc, std::nullopt};
            return {{},
                    {},
                    failure(Exit::Failed,
                            "The document could not be made: it is longer than 16 million "
                            "characters, or you have made 65535 already. Nothing was changed.")};
        },
        Place{{}, {}, failure(Exit::Failed, "The program is ending.")});
    if (place.refusal)
        return *place.refusal;
    return whenStored(
        runtime, place.workspace,
        {{"ok", true},
         {"document", place.doc.value},
         {"title", request.get("title")},
         {"scalars", utf8::length(text)},
         {"say",
          "Made \"" + request.get("title") + "\", number " + std::to_string(place.doc.value) + " ("
              + counted(utf8::length(text), "character") + ")."}});
}

} // namespace

VerbReply show(Runtime &runtime, const Request &request)
{
    return runtime.ask<VerbReply>(
        [request](Loop &loop) -> VerbReply {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return host.error();
            const auto doc = findDocument(**host, request);
            if (!doc)
                return doc.error();
            const std::string text = (*host)->engine().text(*doc).value_or("");
            return {
                Exit::Ok,
                {lineOf({{"ok", true}, {"document", doc->value}, {"text", text}, {"say", text}})}};
        },
        failure(Exit::Failed, "The program is ending."));
}

VerbReply edit(Runtime &runtime, const Request &request)
{
    const auto at = number(request, "at", 0);
    const auto removed = number(request, "remove", 0);
    const std::string inserted = request.get(request.has("append") ? "append" : "insert");
    if (!at || !removed)
        return failure(Exit::Usage,
                       "--at and --remove take numbers of characters. Nothing was changed.");
    if (!utf8::isValid(inserted))
        return failure(
            Exit::Usage,
            "What --insert and --append take must be text in UTF-8. Nothing was changed.");
    if (*removed == 0 && inserted.empty())
        return failure(
            Exit::Usage,
            "edit needs --insert, --append or --remove; see --help. Nothing was changed.");
    const auto place = runtime.ask<Place>(
        [request, at, removed, inserted](Loop &loop) -> Place {
            const auto host = findWorkspace(loop, request);
            if (!host)
                return {{}, {}, host.error()};
            if (auto refusal = refusalOf(**host); refusal)
                return {{}, {}, std::move(refusal)};
            const auto doc = findDocument(**host, request);
            if (!doc)
                return {{}, {}, doc.error()};
            const TextOffset length = utf8::length((*host)->engine().text(*doc).value_or(""));
            const TextPatch patch{request.has("append") ? length : *at, *removed, inserted};
            if (!fits({patch}, length))
                return {{},
                        {},
                        failure(Exit::Failed,
                                "The document has only " + counted(length, "character")
                                    + ". Nothing was changed.")};
            if (!stepEdit(loop, **host, *doc, patch, length))
                return {{},
                        {},
                        failure(Exit::Failed,
                                "The edit could not be made: the document would be longer than 16 "
                                "million characters, or you may not write now. Nothing was "
                                "changed.")};
            return {(*host)->id(), *doc, std::nullopt};
        },
        Place{{}, {}, failure(Exit::Failed, "The program is ending.")});
    if (place.refusal)
        return *place.refusal;
    return whenStored(runtime, place.workspace,
                      {{"ok", true}, {"document", place.doc.value}, {"say", "Stored."}});
}

VerbReply create(Runtime &runtime, const Request &request)
{
    return createDocument(runtime, request, {});
}

VerbReply import(Runtime &runtime, const Request &request)
{
    return createDocument(runtime, request, request.get("text"));
}

} // namespace nlbd::app::verbs
