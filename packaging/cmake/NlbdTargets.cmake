# How every target of the project is built: one place for standard, warnings and sanitizers.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(NLBD_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

add_library(nlbd_options INTERFACE)
target_include_directories(nlbd_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(nlbd_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(nlbd_options INTERFACE -Wsuggest-override)
else()
    # libstdc++ 12's std::stable_sort uses what clang-19 calls deprecated.
    target_compile_options(nlbd_options INTERFACE -Wno-deprecated-declarations)
endif()
if(NLBD_SANITIZE)
    target_compile_options(nlbd_options INTERFACE
        -fsanitize=${NLBD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(nlbd_options INTERFACE -fsanitize=${NLBD_SANITIZE})
    # What sanitizers add makes gcc 12 take an empty std::optional for one that is read.
    target_compile_options(nlbd_options INTERFACE
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
    target_compile_options(nlbd_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    target_link_options(nlbd_options INTERFACE -Wl,-z,relro -Wl,-z,now)
endif()

# Hundreds of test programs link the same libraries: a quick linker saves minutes. It is not needed.
find_program(NLBD_MOLD mold)
if(NLBD_MOLD AND NLBD_BUILD_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_link_options(nlbd_options INTERFACE -fuse-ld=mold)
endif()

if(NOT NLBD_SANITIZE)
    set(nlbd_test_options -O1)
endif()

# nlbd_layer(NAME SOURCES files... LINKS layers-or-libraries...)
# One folder, one static library named nlbd_NAME, that sees only what it links.
function(nlbd_layer name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
    add_library(nlbd_${name} STATIC ${arg_SOURCES})
    target_link_libraries(nlbd_${name} PUBLIC nlbd_options ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
endfunction()

# Moc's share of a test program, of its source NAME.cpp: AUTOMOC would cost two more steps and an empty
# object for each of them.
function(nlbd_moc name)
    get_target_property(sources ${name} SOURCES)
    list(FILTER sources INCLUDE REGEX "(^|/)${name}\\.cpp$")
    cmake_path(ABSOLUTE_PATH sources BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name}_moc)
    add_custom_command(OUTPUT ${folder}/${name}.moc
        COMMAND Qt6::moc -o ${folder}/${name}.moc ${sources}
        DEPENDS ${sources} VERBATIM)
    target_sources(${name} PRIVATE ${folder}/${name}.moc)
    target_include_directories(${name} PRIVATE ${folder})
endfunction()

# nlbd_test(NAME SOURCES files... LINKS libraries... [TIMEOUT seconds] [LABELS labels...] [ARGS args...])
# A Qt Test program tests/.../NAME.cpp that ctest runs on the offscreen platform. Its own files are
# compiled in a fifth less time with -O1; what counts cases by the million says HEAVY and keeps -O2.
function(nlbd_test name)
    cmake_parse_arguments(arg "HEAVY" "TIMEOUT" "SOURCES;LINKS;LABELS;ARGS" ${ARGN})
    add_executable(${name} ${arg_SOURCES})
    nlbd_moc(${name})
    target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS) # `slots` is a word of ours as well
    target_link_libraries(${name} PRIVATE nlbd_options Qt6::Test ${arg_LINKS})
    if(NOT arg_HEAVY)
        target_compile_options(${name} PRIVATE ${nlbd_test_options})
        if("nlbd_ui" IN_LIST arg_LINKS)
            nlbd_precompiled(${name} window_test)
        elseif(NOT arg_LINKS MATCHES "Qt6::") # each of Qt's libraries is a definition more
            nlbd_precompiled(${name} test)
        endif()
    endif()
    add_test(NAME ${name} COMMAND ${name} ${arg_ARGS})
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    if(NLBD_SANITIZE) # they take three to five times as long, and the limits have room for some of it
        math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 2")
    endif()
    # What may take longest begins first, so that nothing long is left for the end. Qt's own watchdog may miss on a busy
    # machine that one function ended and the next began, and counts on: what it ends a test after is not shorter.
    set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} COST ${arg_TIMEOUT} LABELS "${arg_LABELS}"
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QTEST_FUNCTION_TIMEOUT=${arg_TIMEOUT}000;NLBD_SCREENSHOTS=${CMAKE_BINARY_DIR}/screenshots;NLBD_SOURCE_DIR=${CMAKE_SOURCE_DIR};NLBD_BIN_DIR=${CMAKE_BINARY_DIR}/bin;NLBD_STATE=${CMAKE_BINARY_DIR}/starts")
endfunction()

# nlbd_program(NAME SOURCES files... LINKS libraries...): a test support program or bench, no ctest entry.
function(nlbd_program name)
    cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE nlbd_options ${arg_LINKS})
endfunction()
