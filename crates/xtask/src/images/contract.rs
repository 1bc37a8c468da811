//! What every image must be, seen from outside: `cargo xtask test images`, where Docker is. It looks at what
//! `cargo xtask images` has built, and has the conversation with it.

use super::{WEB, components, describe, docker, inspect, names, said, tag, version};
use crate::{
    cli::Up,
    house::House,
    steps::{Step, Steps, command},
    test::browser,
    tools,
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// What an image may hold besides its program.
struct Bars {
    /// Megabytes, unpacked.
    size: f64,
    /// Other programs.
    programs: &'static [&'static str],
    /// Packages that it cannot do without.
    packages: &'static [&'static str],
}

fn bars(name: &str) -> Bars {
    let plain = Bars { size: 30.0, programs: &[], packages: &["pkg:cargo/tokio@", "pkg:deb/debian/libc6@"] };
    match name {
        // ffmpeg with all that Debian builds it with: codecs, filters, devices.
        "upload" => Bars { size: 300.0, programs: &["dash", "ffmpeg", "ffprobe", "sh"], ..plain },
        "rating" => Bars { size: 300.0, programs: &["ffmpeg"], ..plain },
        // Voices, Python, and the model by which words are recognised.
        "coach" => Bars {
            size: 160.0,
            programs: &["flite", "python3", "python3.11"],
            packages: &["pkg:cargo/tokio@", "pkg:deb/debian/flite@", "pkg:pypi/pocketsphinx@"],
        },
        WEB => Bars { programs: &["nginx"], packages: &["pkg:npm/react@", "pkg:deb/debian/nginx@"], ..plain },
        _ => plain,
    }
}

/// Something that must succeed in an image, on a file system that cannot be written to and without a network.
struct Works {
    image: &'static str,
    program: &'static str,
    words: &'static [&'static str],
    /// What it prints.
    says: &'static str,
}

const WORKS: &[Works] = &[
    Works {
        image: "upload",
        program: "sh",
        words: &[
            "-c",
            "ulimit -v 1048576 && ffmpeg -v error -f lavfi -i sine=duration=1 -c:a libopus -f webm /tmp/a && ffprobe -v error -show_entries stream=codec_name /tmp/a",
        ],
        says: "codec_name=opus",
    },
    Works {
        image: "rating",
        program: "ffmpeg",
        words: &["-v", "error", "-f", "lavfi", "-i", "sine=duration=1", "-f", "framecrc", "-"],
        says: "#codec_id 0: pcm_s16le",
    },
    Works {
        image: "coach",
        program: "flite",
        words: &["-voice", "slt", "-t", "hello", "-o", "/tmp/a.wav"],
        says: "",
    },
    Works {
        image: "coach",
        program: "python3",
        words: &["/usr/local/lib/recognizer/recognize.py"],
        says: "{\"ready\": true}",
    },
    Works { image: WEB, program: "nginx", words: &["-v"], says: "" },
];

/// The stage.
pub fn run(house: &House, steps: &Steps, filter: Option<&str>) -> Result<()> {
    steps.run("docker", |step| Ok(((), version(house, step)?)))?;
    steps.run("pinned programs for images", |step| Ok(((), tools::ensure_for_images(house, step)?)))?;
    for name in names() {
        steps.run(&format!("the image {name}"), |step| Ok(((), one(house, step, name)?)))?;
    }
    steps.run("what runs beside them", |step| {
        for works in WORKS {
            let printed = step.read(alone(house, works.program, works.image).args(works.words))?;
            ensure!(printed.contains(works.says), "{} in {} says {printed}", works.program, works.image);
        }
        Ok(((), format!("{} programs", WORKS.len())))
    })?;
    let stack = Up { images: true, replicas: 1, ..browser::TESTED };
    let filter = filter.unwrap_or("a learner talks with the coach");
    browser::play(house, steps, stack, "a conversation with them", Some(filter), |_| ())
}

/// Holds one image against its bars; answers what it is.
fn one(house: &House, step: &Step, name: &str) -> Result<String> {
    let (image, bars) = (inspect(house, step, name)?, bars(name));
    let size = image["Size"].as_u64().context("docker inspect names no size")?;
    let mut wrong = described(&image, name);
    if size as f64 > bars.size * 1e6 {
        wrong.push(format!("{name} takes {}, and may take {} MB", said(size), bars.size));
    }
    wrong.extend(files(&listing(house, step, name)?, &bars));
    let bill = describe(house, step, name)?;
    let missing =
        bars.packages.iter().filter(|package| !components(&bill).any(|url| url.starts_with(**package)));
    wrong.extend(missing.map(|package| format!("the bill of materials of {name} does not name {package}")));
    if name != WEB {
        // Every program of ours describes its settings, without being told any.
        let settings = step.read(docker(house).args(RESTRICTED).args([&tag(name), "settings"]))?;
        let settings: Vec<Value> = serde_json::from_str(&settings).context("it describes no settings")?;
        ensure!(!settings.is_empty(), "{name} describes no settings");
    }
    // An image with a shell would run it.
    let has_shell = alone(house, "sh", name).args(["-c", "exit 0"]).output()?.status.success();
    if has_shell != bars.programs.contains(&"sh") {
        wrong.push(format!("{name} {} a shell", if has_shell { "has" } else { "misses" }));
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    Ok(said(size))
}

/// As a pod runs it, with nobody to talk to.
const RESTRICTED: [&str; 9] = [
    "run",
    "--rm",
    "--read-only",
    "--network=none",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--tmpfs=/tmp:mode=1777",
    "--memory=512m",
    "--pids-limit=64",
];

/// Another program of an image than its own.
fn alone(house: &House, program: &str, name: &str) -> std::process::Command {
    let mut docker = docker(house);
    docker.args(RESTRICTED).args(["--entrypoint", program, &tag(name)]);
    docker
}

/// What Docker is told of an image.
fn described(image: &Value, name: &str) -> Vec<String> {
    let mut wrong = vec![];
    let told = &image["Config"];
    if told["User"] != super::dockerfile::USER {
        wrong.push(format!("{name} runs as {}", told["User"]));
    }
    let first = if name == WEB { "nginx" } else { "/app/service" };
    if told["Entrypoint"] != serde_json::json!([first]) {
        wrong.push(format!("{name} begins with {}", told["Entrypoint"]));
    }
    if name == WEB && told["StopSignal"] != "SIGQUIT" {
        wrong.push(format!("{name} is stopped by {}", told["StopSignal"]));
    }
    wrong
}

/// Every file of an image, as `tar` lists it.
fn listing(house: &House, step: &Step, name: &str) -> Result<String> {
    let container = step.read(docker(house).args(["create", &tag(name)]))?;
    let files = step.read(
        command(house, "sh")
            .args(["-c", "docker export \"$1\" | tar --list --verbose --numeric-owner", "files"])
            .arg(container.trim()),
    );
    step.read(docker(house).args(["rm", container.trim()]))?;
    files
}

/// What must not be among the files: what makes root of one who runs it, what its user may change, and a program nobody
/// asked for.
fn files(listing: &str, bars: &Bars) -> Vec<String> {
    let mut wrong = vec![];
    let mut programs = vec![];
    for line in listing.lines() {
        // `-rwxr-xr-x 0/0  14768 2026-11-22 01:02 usr/bin/ffmpeg -> elsewhere`
        let mut words = line.split_whitespace();
        let (Some(mode), Some(owner), Some(path)) = (words.next(), words.next(), words.nth(3)) else {
            continue;
        };
        if mode.contains(['s', 'S']) {
            wrong.push(format!("{path} makes another of who runs it"));
        }
        if path != "tmp/"
            && !mode.starts_with('l')
            && (owner != "0/0" || mode.as_bytes().get(8) == Some(&b'w'))
        {
            wrong.push(format!("{path} may be changed"));
        }
        if let Some(program) = path.strip_prefix("usr/bin/").or_else(|| path.strip_prefix("usr/sbin/"))
            && !program.is_empty()
        {
            programs.push(program.to_owned());
        }
    }
    programs.sort_unstable();
    if programs != bars.programs {
        wrong.push(format!("it has the programs {programs:?}, and is to have {:?}", bars.programs));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_file_that_should_not_be_there_is_found() {
        let good = "drwxrwxrwt 0/0 0 2026-11-22 01:02 tmp/\n\
                    -rwxr-xr-x 0/0 9 2026-11-22 01:02 usr/bin/ffmpeg\n\
                    lrwxrwxrwx 0/0 0 2026-11-22 01:02 bin -> usr/bin\n";
        let bars = bars("rating");
        assert_eq!(files(good, &bars), [""; 0]);
        for (line, expected) in [
            ("-rwsr-xr-x 0/0 9 2026-11-22 01:02 usr/lib/x", "usr/lib/x makes another of who runs it"),
            ("-rw-r--r-- 65532/65532 9 2026-11-22 01:02 srv/x", "srv/x may be changed"),
            ("-rw-rw-rw- 0/0 9 2026-11-22 01:02 srv/x", "srv/x may be changed"),
            ("-rwxr-xr-x 0/0 9 2026-11-22 01:02 usr/bin/sh", "it has the programs [\"ffmpeg\", \"sh\"]"),
        ] {
            let found = files(&format!("{good}{line}\n"), &bars);
            assert!(found.iter().any(|complaint| complaint.starts_with(expected)), "{expected}: {found:#?}");
        }
        assert_eq!(files("", &bars).len(), 1);
    }

    #[test]
    fn an_image_that_is_told_otherwise_is_found() {
        let image =
            |user, entry| json!({"Config": {"User": user, "Entrypoint": [entry], "StopSignal": "SIGTERM"}});
        assert_eq!(described(&image("65532:65532", "/app/service"), "rating"), [""; 0]);
        assert_eq!(described(&image("0", "/app/service"), "rating"), ["rating runs as \"0\""]);
        assert_eq!(described(&image("65532:65532", "sh"), "rating"), ["rating begins with [\"sh\"]"]);
        assert_eq!(described(&image("65532:65532", "nginx"), WEB), ["web is stopped by \"SIGTERM\""]);
    }
}
