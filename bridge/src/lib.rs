//! Re-exports the C interfaces of the Rust libraries that DOS links. One static library keeps one
//! copy of the Rust runtime in the process; it holds no code of ours.
pub use wasmtime_c_api::*;
