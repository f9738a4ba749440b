#pragma once

#include "tests/support/fake_history.h"
#include "tests/support/naive_document.h"
#include "tests/support/object_oracle.h"
#include "tests/support/plain_rich.h"
#include "tests/support/script.h"

#include <functional>
#include <set>

namespace nlbd::test {

/// One of those who act in a script.
struct ScriptPerson {
    ScriptPerson(const FakeHistory &history, std::size_t at)
        : number(at)
        , document(history)
        , objects(history)
    {
    }
    std::size_t number;
    crdt::Document document; ///< under test
    ObjectOracle objects;
    std::vector<ChangeHandle> known; ///< signed, in the order of arrival
    std::set<ChangeHandle> voids;
    std::vector<ChangeHandle> mine;
    std::vector<ChangeHandle> undo; ///< each what one step back takes back
    std::vector<ChangeHandle> redo;
    crdt::Copies copies;
    crdt::Draft draft; ///< what is being written, already in the document
    bool isOpen = false;
    crdt::Draft crafted; ///< ops that no editor makes, applied when they are signed
};

/// The people of a script, their changes, and the oracle beside them. A contradiction aborts.
class ScriptWorld {
public:
    ScriptWorld(std::size_t people, Width width, Care care, std::FILE *tell);

    void step(const Step &step);

    /// All get all and hold void what the first does; so does a newcomer, in the tie order.
    void finish();

    [[nodiscard]] const ScriptCounts &counts() const { return m_counts; }

private:
    using Person = ScriptPerson;
    using IsThere = std::function<bool(ChangeHandle)>;

    /// A sentence about what a person does, as printf says it.
    [[gnu::format(printf, 3, 4)]] void tell(const Person &person, const char *format, ...) const;
    [[nodiscard]] bool isRich() const { return m_width == Width::Rich; }
    [[nodiscard]] bool isDue() { return m_care == Care::Each || ++m_occasions % 8 == 0; }

    // ---- Changes (script_world.cpp)
    void open(Person &person);
    void close(Person &person);
    void signAs(Person &person, ChangeHandle change, const crdt::Ops &ops);
    void applyCrafted(Person &person);
    void apply(Person &person, ChangeHandle change, bool isWatched);
    void take(Person &person, const Person &from, std::size_t count, bool isWatched);
    void setVoid(Person &person, ChangeHandle change, bool isVoid);
    void newcomer();

    // ---- Comparing (script_world.cpp)
    [[nodiscard]] NaiveDocument naiveOf(const Person &person,
                                        const IsThere &isThere = nullptr) const;
    void mayCompare(const Person &person);
    void agree(const Person &person);
    void agreeOnText(const crdt::Document &document, const NaiveDocument &naive) const;
    [[nodiscard]] std::optional<PlainRich> look(const Person &person);
    void follow(Person &person, std::optional<PlainRich> view, const TextPatches &patches);

    // ---- What people do (script.cpp)
    void type(Person &person, const Step &step);
    void erase(Person &person, const Step &step);
    void sign(Person &person, const Step &step);
    void receive(Person &person, const Step &step);
    void toggle(Person &person, const Step &step);
    void mark(Person &person, const Step &step);
    void setAttribute(Person &person, const Step &step);
    void edit(Person &person, const Step &step);
    void setField(Person &person, const Step &step);
    void insertItem(Person &person, const Step &step);
    void changeItem(Person &person, const Step &step);
    void increment(Person &person, const Step &step);

    // ---- What no editor does, and what reads (script_rare.cpp)
    [[nodiscard]] std::vector<crdt::OpId> targetsOf(Person &person);
    void craftText(Person &person, const Step &step);
    void craftMark(Person &person, const Step &step);
    void craftObject(Person &person, const Step &step);
    void revert(Person &person, const Step &step);
    void turn(Person &person, std::vector<ChangeHandle> &from, std::vector<ChangeHandle> &to);
    void travel(Person &person, const Step &step);
    void reopen(Person &person, const Step &step);
    void batch(Person &person, const Step &step);

    Width m_width;
    Care m_care;
    std::size_t m_occasions = 0;
    std::FILE *m_tell;
    FakeHistory m_history;
    std::vector<Person> m_people;
    std::map<ChangeHandle, crdt::Ops> m_ops;
    std::uint64_t m_tie = 0; ///< of the change that is signed next
    ScriptCounts m_counts;
};

} // namespace nlbd::test
