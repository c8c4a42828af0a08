# The manual pages, which abi/generate.py writes from the header.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/abi/generated/man/
  DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT Development
  FILES_MATCHING PATTERN "*.3" PATTERN "*.7")
