# Warnings, hardening and sanitizers for every target.
add_compile_options(-Wall -Wextra -Wpedantic)
if(WALRUS_SANITIZE)
  add_compile_options(-fsanitize=${WALRUS_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WALRUS_SANITIZE})
else()
  # The sanitizers do their own checks, and _FORTIFY_SOURCE hides some of them.
  add_compile_options(-fstack-protector-strong
                      "$<$<CONFIG:Release>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
endif()
if(WALRUS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_compile_definitions(FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
endif()
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  add_link_options(-Wl,-z,relro,-z,now)
endif()
