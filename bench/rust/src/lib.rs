//! mio and polling as contenders of bench-core, in its process.
//! SPDX-License-Identifier: MIT

mod mio_echo;
mod mio_peer;
mod peer;
mod polling_peer;
