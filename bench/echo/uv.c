/*
 * uv.c - libuv with its own streams. It watches by level.
 * SPDX-License-Identifier: MIT
 */
#include "echo.h"

#include <stdlib.h>
#include <uv.h>

static uv_loop_t loop;
static uv_tcp_t door;

static void give_buffer(uv_handle_t *handle, size_t size, uv_buf_t *out) {
  static char buffer[ECHO_BUFFER];
  (void)handle;
  (void)size;
  *out = uv_buf_init(buffer, sizeof buffer);
}

static void on_close(uv_handle_t *handle) {
  free(handle);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer) {
  uv_buf_t answer = uv_buf_init(buffer->base, n > 0 ? (unsigned int)n : 0);
  if (n < 0 || (n > 0 && uv_try_write(stream, &answer, 1) != n)) {
    uv_close((uv_handle_t *)stream, on_close);
  }
}

static void on_connection(uv_stream_t *listener, int status) {
  uv_tcp_t *stream = malloc(sizeof *stream);
  echo_check(status, "uv_listen");
  echo_check(stream != NULL ? uv_tcp_init(&loop, stream) : -1, "uv_tcp_init");
  echo_check(uv_accept(listener, (uv_stream_t *)stream), "uv_accept");
  echo_check(uv_read_start((uv_stream_t *)stream, give_buffer, on_read),
             "uv_read_start");
}

void echo_libuv(int listener) {
  echo_check(uv_loop_init(&loop), "uv_loop_init");
  echo_check(uv_tcp_init(&loop, &door), "uv_tcp_init");
  echo_check(uv_tcp_open(&door, listener), "uv_tcp_open");
  echo_check(uv_listen((uv_stream_t *)&door, SOMAXCONN, on_connection),
             "uv_listen");
  uv_run(&loop, UV_RUN_DEFAULT);
}
