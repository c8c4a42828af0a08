/*
 * The wait itself, on CPython, as a method of the extension: one crossing from
 * Python, and the list is made before anybody can write to the buffer again.
 * Through cffi alone, with up to two events, it took 1.06 to 1.26 of the time
 * of select.epoll.poll(); docs/python.md has what this takes. Unusual arguments
 * are handed to Python. Only the stable ABI is used. PyPy does without this
 * file: there miopoll/_waiter.py stands in for it.
 */
#include <Python.h>

#ifndef PYPY_VERSION

#include <errno.h>

#include "guard.h"
#include "poll_doc.h"
#include "transfer.h"

PyObject *miopoll_cffi_module(void);

/* What Poll is derived from. */
typedef struct {
  PyObject object;
  guard_poll_t *poll; /* NULL before _attach(). */
  PyObject *owner;    /* cffi's object, which frees `poll` with itself. */
} waiter_t;

/* The events as pairs (token, readiness), or NULL with an exception set. Many
 * events in a row have the same readiness. */
static PyObject *pairs(const mio_event_t *events, int32_t n) {
  PyObject *list = PyList_New(n);
  PyObject *readiness = NULL;
  for (int32_t i = 0; list != NULL && i < n; i++) {
    if (readiness == NULL || events[i].readiness != events[i - 1].readiness) {
      Py_XDECREF(readiness);
      readiness = PyLong_FromUnsignedLong(events[i].readiness);
    }
    PyObject *token = PyLong_FromUnsignedLongLong(events[i].token);
    PyObject *pair = readiness != NULL && token != NULL
                         ? PyTuple_Pack(2, token, readiness)
                         : NULL;
    Py_XDECREF(token);
    if (pair == NULL) {
      Py_CLEAR(list);
      break;
    }
    (void)PyList_SetItem(list, i, pair);
  }
  Py_XDECREF(readiness);
  return list;
}

/* A list of pairs; or NULL with an exception set, or without one and `*rc`
 * the reason. */
static PyObject *wait_once(guard_poll_t *poll, int64_t timeout_ns,
                           int32_t *rc) {
  mio_poll_t *raw;
  mio_event_t *events;
  uint32_t capacity;
  *rc = guard_poll_enter(poll, &raw, &events, &capacity);
  if (*rc < 0) {
    return NULL;
  }
  int32_t n;
  if (timeout_ns == 0) { /* Looks only: not worth giving the GIL away. */
    n = mio_poll_wait(raw, events, capacity, 0);
  } else {
    PyThreadState *thread = PyEval_SaveThread();
    n = mio_poll_wait(raw, events, capacity, timeout_ns);
    PyEval_RestoreThread(thread);
  }
  PyObject *list = n >= 0 ? pairs(events, n) : NULL;
  *rc = guard_poll_leave(poll);
  if (*rc < 0) {
    Py_CLEAR(list);
    PyErr_Clear();
  } else if (n < 0) {
    *rc = n;
  }
  return list;
}

enum { USUAL_SECONDS = 1000000 };

/* 0, of which there is one. */
static PyObject *zero;

/*
 * The nanoseconds of a timeout in seconds, rounded up, if it is None, an int
 * or a float, and of a usual size. All else is for nanoseconds() in
 * miopoll/_arguments.py, which knows every case.
 */
static int is_usual(PyObject *timeout, int64_t *timeout_ns) {
  if (timeout == zero || timeout == Py_None) {
    *timeout_ns = timeout == zero ? 0 : -1;
    return 1;
  }
  if (PyLong_CheckExact(timeout)) {
    int overflow;
    long long seconds = PyLong_AsLongLongAndOverflow(timeout, &overflow);
    if (!overflow && seconds >= 0 && seconds < USUAL_SECONDS) {
      *timeout_ns = seconds * 1000000000;
      return 1;
    }
  }
  if (PyFloat_CheckExact(timeout)) {
    double seconds = PyFloat_AsDouble(timeout);
    if (seconds >= 0 && seconds < USUAL_SECONDS) {
      double exact = seconds * 1e9;
      *timeout_ns = (int64_t)exact;
      *timeout_ns += (double)*timeout_ns < exact;
      return 1;
    }
  }
  return 0;
}

/* The way for all other arguments. */
static PyObject *poll_in_python(PyObject *object, PyObject *args,
                                PyObject *keywords) {
  PyObject *method = PyObject_GetAttrString(object, "_poll");
  if (method == NULL) {
    return NULL;
  }
  PyObject *result = PyObject_Call(method, args, keywords);
  Py_DECREF(method);
  return result;
}

static PyObject *waiter_poll(PyObject *object, PyObject *args,
                             PyObject *keywords) {
  waiter_t *self = (waiter_t *)object;
  Py_ssize_t n = PyTuple_Size(args);
  int64_t timeout_ns = -1;
  if (keywords != NULL || n > 1 || self->poll == NULL ||
      (n == 1 && !is_usual(PyTuple_GetItem(args, 0), &timeout_ns))) {
    return poll_in_python(object, args, keywords);
  }
  int64_t begin = timeout_ns > 0 ? mio_clock_now() : 0;
  int32_t rc;
  PyObject *list = wait_once(self->poll, timeout_ns, &rc);
  if (list != NULL || rc == 0) {
    return list;
  }
  if (timeout_ns > 0) {
    int64_t left = timeout_ns - (mio_clock_now() - begin);
    timeout_ns = left > 0 ? left : 0;
  }
  return PyObject_CallMethod(object, "_failed", "iL", (int)rc,
                             (long long)timeout_ns);
}

static PyObject *waiter_wait(PyObject *object, PyObject *timeout) {
  waiter_t *self = (waiter_t *)object;
  int64_t timeout_ns = PyLong_AsLongLong(timeout);
  if (timeout_ns == -1 && PyErr_Occurred()) {
    return NULL;
  }
  int32_t rc = GUARD_CLOSED;
  PyObject *list =
      self->poll != NULL ? wait_once(self->poll, timeout_ns, &rc) : NULL;
  return list == NULL && rc < 0 ? PyLong_FromLong(rc) : list;
}

/* _attach(owner, address), once. */
static PyObject *waiter_attach(PyObject *object, PyObject *args) {
  waiter_t *self = (waiter_t *)object;
  PyObject *owner;
  PyObject *address;
  if (!PyArg_ParseTuple(args, "OO", &owner, &address)) {
    return NULL;
  }
  guard_poll_t *poll = PyLong_AsVoidPtr(address);
  if (poll == NULL) {
    return NULL;
  }
  Py_INCREF(owner);
  self->owner = owner;
  self->poll = poll;
  Py_INCREF(Py_None);
  return Py_None;
}

/* The owner goes here, and not with the attributes of Poll, which the
 * collector may clear while something can still call poll(). */
static void waiter_dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  Py_XDECREF(((waiter_t *)object)->owner);
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  release(object);
  Py_DECREF(type);
}

/* PyMethodDef has room for one type of function; this is how Python's own
 * documentation casts the others, in two steps for -Wcast-function-type. */
#define METHOD(function) (PyCFunction)(void (*)(void))(function)

static PyMethodDef waiter_methods[] = {
    {"poll", METHOD(waiter_poll), METH_VARARGS | METH_KEYWORDS,
     "poll($self, /, timeout=None, *, timeout_ns=None, "
     "capacity=None)\n--\n\n" POLL_DOC},
    {"_wait", waiter_wait, METH_O, NULL},
    {"_attach", waiter_attach, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL}};

static PyType_Slot waiter_slots[] = {
    {Py_tp_methods, waiter_methods},
    {Py_tp_dealloc, waiter_dealloc},
    {0, NULL},
};

static PyType_Spec waiter_spec = {
    .name = "miopoll._miopoll.Waiter",
    .basicsize = sizeof(waiter_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = waiter_slots,
};

PyMODINIT_FUNC PyInit__miopoll(void) {
  PyObject *module = miopoll_cffi_module();
  if (module == NULL) {
    return NULL;
  }
  zero = PyLong_FromLong(0);
  PyObject *type = PyType_FromSpec(&waiter_spec);
  if (type == NULL || PyObject_SetAttrString(module, "Waiter", type) < 0 ||
      transfer_add_types(module) < 0) {
    Py_CLEAR(module);
  }
  Py_XDECREF(type);
  return module;
}

#endif
