/* The types that move bytes; transfer.c. */
#ifndef MIOPOLL_PYTHON_TRANSFER_H
#define MIOPOLL_PYTHON_TRANSFER_H

/* Adds them to the module: 0, or -1 with an exception set. */
int transfer_add_types(PyObject *module);

#endif
