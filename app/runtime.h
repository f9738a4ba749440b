#pragma once

#include "app/network.h"
#include "app/profile.h"
#include "app/second_place.h"
#include "core/api/lobby.h"

#include <functional>
#include <memory>

namespace nlbd::app {

class Loop;

struct RuntimeOptions {
    NetworkOptions network;
    /// Members at known addresses, dialled from the start.
    std::vector<std::pair<PublicKey, net::Endpoint>> peers;
    /// Says yes to every founding: for scripts, on computers whose owner wants that.
    bool acceptsFoundings = false;
    /// Listens from the start, and lets strangers knock.
    bool isDoorOpen = false;
    /// Where boot marks are kept; nothing: StateFolder::ofThisComputer().
    std::shared_ptr<SecondPlace> secondPlace{};
    /// What counts as a day of silence; shorter in tests.
    Millis dayLength = std::chrono::hours(24);
};

/// The running program without its face: engine loop, store thread, mesh. Made and destroyed by the
/// main thread; everything else happens on the loop.
class Runtime {
public:
    /// No network: the workspaces are worked on as they are stored, alone.
    Runtime(Profile profile, RuntimeOptions options, std::unique_ptr<Network> network);

    /// Sends what is typed, stores what waits, says goodbye to the mesh.
    ~Runtime();

    Runtime(const Runtime &) = delete;
    Runtime &operator=(const Runtime &) = delete;

    [[nodiscard]] api::Lobby &lobby();

    /// Runs a function on the engine loop; it must return at once. It is dropped if the loop has
    /// ended.
    void post(std::function<void(Loop &)> work);

    /// The same, and waits for its value; `otherwise` if it takes longer than `timeout`.
    template <typename T>
    [[nodiscard]] T ask(std::function<T(Loop &)> question, T otherwise,
                        Millis timeout = Millis{60'000});

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace nlbd::app

#include "app/mailbox.h"

namespace nlbd::app {

template <typename T>
T Runtime::ask(std::function<T(Loop &)> question, T otherwise, Millis timeout)
{
    const auto answer = std::make_shared<Answer<T>>();
    post([answer, question = std::move(question)](Loop &loop) { answer->set(question(loop)); });
    T value{};
    return answer->wait(timeout, value) ? std::move(value) : std::move(otherwise);
}

} // namespace nlbd::app
