//! What a command has to say.

use serde::Serialize;

/// Lines for a person to read, and whether all is well.
#[derive(Debug)]
pub struct Report {
    text: String,
    well: bool,
}

impl Report {
    /// All is well.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), well: true }
    }

    /// The facts as JSON.
    pub fn json(facts: &impl Serialize) -> anyhow::Result<Self> {
        Ok(Self::new(serde_json::to_string_pretty(facts)?))
    }

    /// The same text; the process fails unless all is well.
    pub fn when(self, well: bool) -> Self {
        Self { well: self.well && well, ..self }
    }

    /// Another line.
    pub fn line(mut self, line: &str) -> Self {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
        self
    }

    /// All lines, the last one ended as well.
    pub fn text(&self) -> String {
        if self.text.is_empty() { String::new() } else { format!("{}\n", self.text.trim_end_matches('\n')) }
    }

    /// Whether all is well.
    pub fn is_well(&self) -> bool {
        self.well
    }
}
