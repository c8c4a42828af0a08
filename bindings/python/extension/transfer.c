/*
 * Reading and writing, on CPython, as methods of the extension: one crossing
 * from Python, and no copy of a caller's buffer. The sources are derived from
 * these types. PyPy does without this file: there miopoll/_transfer.py stands
 * in for it.
 *
 * Only the stable ABI is used. The buffer protocol came into it with 3.11;
 * before, a memoryview holds the buffer, so that nobody resizes it, and one of
 * two functions that are there since 3.2 tells where it is.
 */
#include <Python.h>

#ifndef PYPY_VERSION

#include <errno.h>

#include "guard.h"
#include "transfer.h"
#include "transfer_doc.h"

/* What Linux moves at most in one call; a larger buffer is not needed. */
#define TRANSFER_MAX 0x7ffff000

/* Results up to this are read without asking for memory. */
#define SMALL 4096

#define DEFAULT_SIZE 65536

/* What every source is derived from. */
typedef struct {
  PyObject object;
  guard_source_t *source; /* NULL before _attach(). */
  PyObject *owner;        /* cffi's object, which frees `source`. */
} base_t;

/* ------------------------------------------------------------------ buffers */

/* The bytes of an object, which keep their place until they are given back. */
typedef struct {
  void *data;
  Py_ssize_t length;
#if !defined(Py_LIMITED_API) || Py_LIMITED_API >= 0x030b0000
  Py_buffer buffer;
#else
  PyObject *view;
#endif
} span_t;

#if !defined(Py_LIMITED_API) || Py_LIMITED_API >= 0x030b0000

static int span_get(span_t *span, PyObject *object, int writable) {
  int flags = writable ? PyBUF_WRITABLE : PyBUF_SIMPLE;
  if (PyObject_GetBuffer(object, &span->buffer, flags) < 0) {
    return -1;
  }
  span->data = span->buffer.buf;
  span->length = span->buffer.len;
  return 0;
}

static void span_give(span_t *span) {
  PyBuffer_Release(&span->buffer);
}

#else

/* Of the stable ABI for ever, though not in the headers any more. */
PyAPI_FUNC(int) PyObject_AsReadBuffer(PyObject *, const void **, Py_ssize_t *);
PyAPI_FUNC(int) PyObject_AsWriteBuffer(PyObject *, void **, Py_ssize_t *);

static int span_get(span_t *span, PyObject *object, int writable) {
  span->view = NULL;
  if (!writable && PyBytes_CheckExact(object)) { /* Nobody can resize it. */
    char *bytes;
    int rc = PyBytes_AsStringAndSize(object, &bytes, &span->length);
    span->data = bytes;
    return rc;
  }
  span->view = PyMemoryView_FromObject(object);
  if (span->view == NULL) {
    return -1;
  }
  const void *data = NULL;
  int rc = writable
               ? PyObject_AsWriteBuffer(span->view, &span->data, &span->length)
               : PyObject_AsReadBuffer(span->view, &data, &span->length);
  if (rc < 0) {
    Py_CLEAR(span->view);
  }
  if (!writable) {
    span->data = (void *)(uintptr_t)data;
  }
  return rc;
}

static void span_give(span_t *span) {
  Py_XDECREF(span->view);
}

#endif

/* ---------------------------------------------------------------- transfers */

/* What a call moves: one piece of memory, or several. */
typedef struct {
  int is_write;
  int is_vectored;
  uint32_t count; /* 1, if it is not vectored. */
  void *buffers[MIO_BUFFERS_MAX];
  uint64_t lengths[MIO_BUFFERS_MAX];
} pieces_t;

static int32_t call(guard_source_t *source, pieces_t *what) {
  if (!what->is_vectored) {
    return what->is_write
               ? guard_source_write(source, what->buffers[0], what->lengths[0])
               : guard_source_read(source, what->buffers[0], what->lengths[0]);
  }
  return what->is_write
             ? guard_source_write_vectored(source,
                                           (const void *const *)what->buffers,
                                           what->lengths, what->count)
             : guard_source_read_vectored(source, what->buffers, what->lengths,
                                          what->count);
}

/* Moves bytes without the GIL, and again after each signal handler. The count,
 * a negative result, or EINTR with an exception of a handler set. */
static int32_t move(PyObject *object, pieces_t *what) {
  guard_source_t *source = ((base_t *)object)->source;
  if (source == NULL) {
    return GUARD_CLOSED;
  }
  int32_t n;
  do {
    PyThreadState *thread = PyEval_SaveThread();
    n = call(source, what);
    PyEval_RestoreThread(thread);
  } while (n == -EINTR && PyErr_CheckSignals() == 0);
  return n;
}

/* What becomes of a result below 0: None where it would block, else an
 * exception. */
static PyObject *failed(PyObject *object, int32_t rc) {
  if (rc == -EAGAIN) {
    Py_INCREF(Py_None);
    return Py_None;
  }
  if (rc == -EINTR && PyErr_Occurred()) {
    return NULL;
  }
  return PyObject_CallMethod(object, "_failed", "i", (int)rc);
}

static void one_piece(pieces_t *what, void *data, Py_ssize_t length,
                      int is_write) {
  what->is_write = is_write;
  what->is_vectored = 0;
  what->count = 1;
  what->buffers[0] = data;
  what->lengths[0] = (uint64_t)length;
}

static PyObject *move_buffer(PyObject *object, PyObject *buffer,
                             int is_write) {
  span_t span;
  if (span_get(&span, buffer, !is_write) < 0) {
    return NULL;
  }
  pieces_t what;
  one_piece(&what, span.data, span.length, is_write);
  int32_t n = move(object, &what);
  span_give(&span);
  return n < 0 ? failed(object, n) : PyLong_FromLong(n);
}

/* Takes the memory of the first `count` objects; all or, with an exception
 * set, none. */
static int take_spans(span_t *spans, PyObject *objects, pieces_t *what) {
  for (uint32_t i = 0; i < what->count; i++) {
    if (span_get(&spans[i], PyTuple_GetItem(objects, i), !what->is_write) <
        0) {
      while (i > 0) {
        span_give(&spans[--i]);
      }
      return -1;
    }
    what->buffers[i] = spans[i].data;
    what->lengths[i] = (uint64_t)spans[i].length;
  }
  return 0;
}

static PyObject *move_tuple(PyObject *object, PyObject *buffers,
                            int is_write) {
  Py_ssize_t size = PyTuple_Size(buffers);
  pieces_t what = {.is_write = is_write, .is_vectored = 1};
  what.count = size < MIO_BUFFERS_MAX ? (uint32_t)size : MIO_BUFFERS_MAX;
  span_t *spans = PyMem_Malloc(what.count * sizeof(*spans));
  if (spans == NULL) {
    return PyErr_NoMemory();
  }
  PyObject *result = NULL;
  if (take_spans(spans, buffers, &what) == 0) {
    int32_t n = move(object, &what);
    for (uint32_t i = 0; i < what.count; i++) {
      span_give(&spans[i]);
    }
    result = n < 0 ? failed(object, n) : PyLong_FromLong(n);
  }
  PyMem_Free(spans);
  return result;
}

static PyObject *move_buffers(PyObject *object, PyObject *buffers,
                              int is_write) {
  PyObject *tuple = PySequence_Tuple(buffers); /* Which nobody changes. */
  if (tuple == NULL) {
    return NULL;
  }
  PyObject *result = move_tuple(object, tuple, is_write);
  Py_DECREF(tuple);
  return result;
}

static PyObject *method_write(PyObject *object, PyObject *buffer) {
  return move_buffer(object, buffer, 1);
}

static PyObject *method_read_into(PyObject *object, PyObject *buffer) {
  return move_buffer(object, buffer, 0);
}

static PyObject *method_write_vectored(PyObject *object, PyObject *buffers) {
  return move_buffers(object, buffers, 1);
}

static PyObject *method_read_vectored(PyObject *object, PyObject *buffers) {
  return move_buffers(object, buffers, 0);
}

/* The size that read() was asked for, or -1 with an exception set. */
static Py_ssize_t size_of(PyObject *args) {
  Py_ssize_t size = DEFAULT_SIZE;
  if (!PyArg_ParseTuple(args, "|n", &size)) {
    return -1;
  }
  if (size < 0) {
    PyErr_SetString(PyExc_ValueError, "a size is not negative");
    return -1;
  }
  return size < TRANSFER_MAX ? size : TRANSFER_MAX;
}

static PyObject *method_read(PyObject *object, PyObject *args) {
  Py_ssize_t size = size_of(args);
  if (size < 0) {
    return NULL;
  }
  char small[SMALL];
  char *data = size <= SMALL ? small : PyMem_Malloc((size_t)size);
  if (data == NULL) {
    return PyErr_NoMemory();
  }
  pieces_t what;
  one_piece(&what, data, size, 0);
  int32_t n = move(object, &what);
  PyObject *result =
      n < 0 ? failed(object, n) : PyBytes_FromStringAndSize(data, n);
  if (data != small) {
    PyMem_Free(data);
  }
  return result;
}

/* -------------------------------------------------------------------- types */

/* _attach(owner, address), once. */
static PyObject *base_attach(PyObject *object, PyObject *args) {
  base_t *self = (base_t *)object;
  PyObject *owner;
  PyObject *address;
  if (!PyArg_ParseTuple(args, "OO", &owner, &address)) {
    return NULL;
  }
  guard_source_t *source = PyLong_AsVoidPtr(address);
  if (source == NULL) {
    return NULL;
  }
  Py_INCREF(owner);
  self->owner = owner;
  self->source = source;
  Py_INCREF(Py_None);
  return Py_None;
}

/* As with Poll, the owner goes here and not with the attributes. */
static void base_dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  Py_XDECREF(((base_t *)object)->owner);
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  release(object);
  Py_DECREF(type);
}

static PyMethodDef base_methods[] = {
    {"_attach", base_attach, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};

static PyMethodDef reads_methods[] = {
    {"read", method_read, METH_VARARGS, READ_DOC},
    {"read_into", method_read_into, METH_O, READ_INTO_DOC},
    {"read_vectored", method_read_vectored, METH_O, READ_VECTORED_DOC},
    {NULL, NULL, 0, NULL}};

static PyMethodDef writes_methods[] = {
    {"write", method_write, METH_O, WRITE_DOC},
    {"write_vectored", method_write_vectored, METH_O, WRITE_VECTORED_DOC},
    {NULL, NULL, 0, NULL}};

static PyMethodDef datagrams_methods[] = {
    {"recv", method_read, METH_VARARGS, RECV_DOC},
    {"recv_into", method_read_into, METH_O, RECV_INTO_DOC},
    {"send", method_write, METH_O, SEND_DOC},
    {NULL, NULL, 0, NULL}};

#define PREFIX "miopoll._miopoll."

/* A type that is derived from `base`, or from object; a borrowed reference.
 * The name, which is kept, begins with PREFIX. */
static PyObject *add_type(PyObject *module, const char *name,
                          PyMethodDef *methods, PyObject *base) {
  PyType_Slot slots[] = {
      {Py_tp_methods, methods}, {Py_tp_dealloc, base_dealloc}, {0, NULL}};
  PyType_Spec spec = {.name = name,
                      .basicsize = sizeof(base_t),
                      .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                      .slots = slots};
  PyObject *bases = base != NULL ? PyTuple_Pack(1, base) : NULL;
  if (base != NULL && bases == NULL) {
    return NULL;
  }
  PyObject *type = PyType_FromSpecWithBases(&spec, bases);
  Py_XDECREF(bases);
  const char *last = name + sizeof(PREFIX) - 1;
  if (type == NULL || PyObject_SetAttrString(module, last, type) < 0) {
    Py_XDECREF(type);
    return NULL;
  }
  Py_DECREF(type); /* The module has it. */
  return type;
}

int transfer_add_types(PyObject *module) {
  PyObject *base = add_type(module, PREFIX "SourceBase", base_methods, NULL);
  return base != NULL &&
                 add_type(module, PREFIX "Reads", reads_methods, base) &&
                 add_type(module, PREFIX "Writes", writes_methods, base) &&
                 add_type(module, PREFIX "Datagrams", datagrams_methods, base)
             ? 0
             : -1;
}

#endif
