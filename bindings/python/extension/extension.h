/*
 * What stands before the code that cffi writes. On CPython the module is made
 * by wait.c, which calls what cffi calls PyInit__miopoll and adds to it.
 */
#include "guard.h"

#ifndef PYPY_VERSION
#undef PyMODINIT_FUNC
#define PyMODINIT_FUNC __attribute__((visibility("hidden"))) PyObject *
#define PyInit__miopoll miopoll_cffi_module
PyMODINIT_FUNC PyInit__miopoll(void);
#endif
