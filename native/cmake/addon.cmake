# build/Release/walrus.node, when there is a binding.
file(GLOB BINDING_SOURCES CONFIGURE_DEPENDS binding/*.cc)
if(NOT BINDING_SOURCES)
  return()
endif()

# Resolved from this folder: the workspace root hoists another version.
function(walrus_node_include_dir package result)
  execute_process(
    COMMAND node -p "require('${package}').include_dir"
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE directory
    OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "npm package ${package} is missing; run npm ci")
  endif()
  cmake_path(ABSOLUTE_PATH directory BASE_DIRECTORY ${CMAKE_SOURCE_DIR}
             NORMALIZE)
  set(${result} ${directory} PARENT_SCOPE)
endfunction()
walrus_node_include_dir(node-addon-api NODE_ADDON_API_DIR)
walrus_node_include_dir(node-api-headers NODE_API_HEADERS_DIR)

add_library(walrus_addon MODULE ${BINDING_SOURCES})
target_include_directories(walrus_addon SYSTEM PRIVATE ${NODE_ADDON_API_DIR}
                                                       ${NODE_API_HEADERS_DIR})
target_link_libraries(walrus_addon PRIVATE walrus_wal)
target_compile_definitions(
  walrus_addon PRIVATE NAPI_VERSION=9 NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS)
set_target_properties(
  walrus_addon
  PROPERTIES PREFIX "" SUFFIX ".node" OUTPUT_NAME walrus
             CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
             LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/linked)
# Linked elsewhere and moved here in one step: a broker that starts during a
# build finds the old addon or the new one, never half of one.
set(WALRUS_ADDON_PATH ${CMAKE_BINARY_DIR}/Release/walrus.node)
add_custom_command(
  TARGET walrus_addon
  POST_BUILD
  COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/Release
  COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:walrus_addon>
          ${WALRUS_ADDON_PATH}.new
  COMMAND ${CMAKE_COMMAND} -E rename ${WALRUS_ADDON_PATH}.new
          ${WALRUS_ADDON_PATH}
  VERBATIM)
if(APPLE)
  # Node's symbols are found when the addon is loaded.
  target_link_options(walrus_addon PRIVATE -undefined dynamic_lookup)
endif()
