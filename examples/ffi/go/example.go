// libmiopoll from Go, by cgo, which reads the header and links the library.
// Other goroutines go on during a call. Tokens are uint64. Go's own signals may
// end a wait with EINTR: wait again. Ctrl-C: Go tells a channel, what listens
// there prints and leaves; a thread that is still in C does not keep it.
package main

// #cgo LDFLAGS: -lmiopoll
// #include <miopoll.h>
import "C"
import "fmt"
import "os"
import "os/signal"
import "time"

var poll *C.mio_poll_t
var registry *C.mio_registry_t
var waker *C.mio_waker_t
var events [64]C.mio_event_t       // wait fills it, and it is read in place.
func name(result C.int32_t) string { return C.GoString(C.mio_err_name(result)) }
func check(result C.int32_t) {
	if result < 0 { // A negative errno, else 0 or a count.
		panic(name(result))
	}
}
func wait() []C.mio_event_t {
	n := C.mio_poll_wait(poll, &events[0], C.uint32_t(len(events)), -1)
	if name(n) == "EINTR" {
		return wait()
	}
	check(n)
	return events[:n]
}

func main() {
	check(C.mio_poll_new(&poll, nil))
	check(C.mio_poll_registry(poll, &registry))
	check(C.mio_waker_new(&waker, registry, 7))
	pipe, writer, _ := os.Pipe()
	writer.Write([]byte("x"))
	register := func() C.int32_t {
		return C.mio_registry_register_fd(registry, C.mio_fd_t(pipe.Fd()), 0x1122334455667788, C.MIO_READABLE)
	}
	check(register())
	fmt.Printf("token %x: ", wait()[0].token)
	n, _ := pipe.Read(make([]byte, 1))
	fmt.Printf("%d byte\nagain: %s\n", n, name(register()))
	time.AfterFunc(10*time.Millisecond, func() { C.mio_waker_wake(waker) })
	fmt.Printf("token %x: woken\n", wait()[0].token)
	if len(os.Args) > 1 {
		interrupts := make(chan os.Signal, 1)
		signal.Notify(interrupts, os.Interrupt)
		go func() { <-interrupts; fmt.Println("interrupted"); os.Exit(130) }()
		fmt.Println("blocked")
		wait()
	}
	check(C.mio_registry_deregister_fd(registry, C.mio_fd_t(pipe.Fd())))
	C.mio_waker_free(waker)
	C.mio_registry_free(registry)
	C.mio_poll_free(poll)
}
