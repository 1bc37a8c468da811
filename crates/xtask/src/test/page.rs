//! The page by itself: lints, types, its own tests, and that it builds.

use crate::{house::House, steps::Steps, web};
use anyhow::Result;

pub fn run(house: &House, steps: &Steps, filter: Option<&str>) -> Result<()> {
    let folder = house.root.join("web");
    steps.run("web packages", |step| {
        web::check_node()?;
        let news = web::install(house, &folder, step)?;
        Ok(((), if news { "installed" } else { "unchanged" }.to_owned()))
    })?;
    for script in ["lint", "typecheck"] {
        steps.run(&format!("web {script}"), |step| {
            step.run(&mut web::npm(house, &folder, &["run", script]))?;
            Ok(((), String::new()))
        })?;
    }
    steps.run("web tests", |step| {
        let mut words = vec!["run", "test"];
        words.extend(filter.map(|filter| ["--", "-t", filter]).into_iter().flatten());
        step.run(&mut web::npm(house, &folder, &words))?;
        Ok(((), step.said(" passed")))
    })?;
    steps.run("web build", |step| Ok(((), web::build(house, step)?)))
}
