//! Takes the two files of Swagger UI that the page `/docs` needs out of the crate that carries its release, compressed.

use std::error::Error;
use std::fs::File;
use std::io::{self, Cursor};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const FILES: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var("OUT_DIR")?;
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for name in FILES {
        let ending = format!("/dist/{name}");
        let path = {
            let mut paths = archive.file_names().filter_map(Result::ok);
            let path = paths.find(|path| path.ends_with(&ending));
            path.ok_or_else(|| format!("`{name}` is not in the release of Swagger UI"))?
                .into_owned()
        };
        let target = File::create(Path::new(&folder).join(format!("{name}.gz")))?;
        let mut target = GzEncoder::new(target, Compression::best());
        io::copy(&mut archive.by_name(&path)?, &mut target)?;
        target.finish()?;
    }
    Ok(())
}
