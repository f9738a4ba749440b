#pragma once

#include "app/runtime.h"
#include "app/verbs.h"

#include <expected>

namespace nlbd::app {

/// What was typed behind `nlbd-peer`.
struct Arguments {
    std::filesystem::path profile;
    bool isJson = false;
    std::string verb;
    std::vector<std::string> words;             ///< what is no option
    std::map<std::string, std::string> options; ///< without the dashes; switches hold "1"
    std::vector<std::string> peers;             ///< --peer, as often as given
    std::vector<std::string> cards;             ///< --with, one or more each
    RuntimeOptions runtime;

    [[nodiscard]] bool has(const std::string &name) const { return options.contains(name); }
    [[nodiscard]] std::string get(const std::string &name, std::string otherwise = {}) const;
};

/// The error is a sentence.
[[nodiscard]] std::expected<Arguments, std::string>
readArguments(const std::vector<std::string> &words);

/// A verb's request from its words and options, or the reply that says why there is none.
[[nodiscard]] std::expected<Request, VerbReply> requestFrom(const Arguments &arguments);

/// HOST:PORT to listen at; port 0 means any that is free. The error is a sentence.
[[nodiscard]] std::expected<net::Endpoint, std::string> readListenAddress(std::string text);

[[nodiscard]] std::string helpText();

} // namespace nlbd::app
