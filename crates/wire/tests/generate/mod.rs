use std::{error::Error, path::Path};

const PROTOS: [&str; 5] = [
    "vivavoce/events/v1/events.proto",
    "vivavoce/topics/v1/topic_catalog.proto",
    "vivavoce/sessions/v1/session_registry.proto",
    "vivavoce/upload/v1/recordings.proto",
    "vivavoce/rating/v1/ratings.proto",
];

/// Generates the Rust code of every contract into a folder.
pub fn into(folder: &Path) -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let descriptors = protox::compile(PROTOS, [root])?;
    tonic_prost_build::configure().out_dir(folder).compile_fds(descriptors)?;
    Ok(())
}
