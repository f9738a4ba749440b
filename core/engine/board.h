#pragma once

#include "core/engine/rejections.h"

namespace nlbd::engine {

/// What a view shows around the text: documents, people, status. Computed when something changed
/// and a fifth of a second has passed, sent only if it differs.
class Board {
public:
    explicit Board(Engine::State &state)
        : m_state(state)
        , m_rejections(state)
    {
    }

    void documentsChanged() { m_areDocumentsDirty = m_isDirty = true; }
    void peopleChanged() { m_isDirty = true; }
    void sendAll();
    void sendIfDue();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

    void persistFailed(const store::StoreError &error);
    void persisted();

    [[nodiscard]] std::vector<api::DocumentInfo> documents() const;
    [[nodiscard]] std::string titleOf(const OpenDocument &open) const;
    [[nodiscard]] std::vector<api::DeviceInfo> devices() const;
    [[nodiscard]] std::vector<api::RejectedInfo> rejected() { return m_rejections.list(); }
    [[nodiscard]] Rejections &rejections() noexcept { return m_rejections; }

private:
    [[nodiscard]] std::vector<api::Person> people() const;
    [[nodiscard]] api::StatusChanged status(const std::vector<api::Person> &people) const;

    Engine::State &m_state;
    bool m_isDirty = true;
    bool m_areDocumentsDirty = true;
    MonoTime m_next{};
    std::vector<api::DocumentInfo> m_documents;
    std::vector<api::Person> m_people;
    std::vector<api::DeviceInfo> m_devices;
    Rejections m_rejections;
    std::vector<api::RejectedInfo> m_rejected;
    api::StatusChanged m_status;
    std::optional<api::Trouble::Kind> m_trouble;
    mutable std::map<PublicKey, std::string> m_words; ///< of members, reckoned once
};

} // namespace nlbd::engine
