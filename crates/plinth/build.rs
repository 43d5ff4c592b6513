//! Takes the built web console into the binary.

fn main() {
    #[cfg(feature = "console")]
    memory_serve::load_directory("../../web/console/dist");
}
