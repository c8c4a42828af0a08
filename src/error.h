/* Names and texts of results. */
#ifndef MIOPOLL_ERROR_H
#define MIOPOLL_ERROR_H

#include <stdint.h>

const char *error_name(int32_t rc);
const char *error_text(int32_t rc);
int32_t error_from_name(const char *name);

#endif
