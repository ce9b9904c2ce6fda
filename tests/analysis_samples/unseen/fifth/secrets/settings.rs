//! Settings of the beacon service of the sailing school.

use std::collections::HashMap;
use std::env;
use std::time::Duration;

pub const SERVICE: &str = "beacons";
pub const TOKEN_ENV: &str = "BEACON_TOKEN";
pub const PASSWORD_HEADER: &str = "x-beacon-password";
const GITHUB_PAT: &str = "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";
const GRAFANA_TOKEN: &str = "glsa_tcpN1l1O3aRxUwITRSxd8A9OPt5sXPFK_1dcd338f";
const BUILD_COMMIT: &str = "6ea2ed301b1d6bf74aa82066403c3e071fc7253f";
const CHART_SHA256: &str = "b73b81a6196fc0f345ca5ae90f32393b86ea1f6e8bbde2550c2e9d142f3aef6b";
const FLEET_ID: &str = "9b62a2ef-6e97-48d8-a072-7d77f7f7f8e1";
const PUBLIC_KEY_HEX: &str = "a68e3e4fc64bb88a14c317321c31a2e17d5ce0383aaa43efccc13d0390666d76";
const EXAMPLE_TOKEN: &str = "ghp_EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPL";

#[derive(Debug, Clone)]
pub struct Settings {
    pub token: String,
    pub password: Option<String>,
    pub database_url: String,
    pub webhook: String,
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            token: env::var(TOKEN_ENV).unwrap_or_default(),
            password: env::var("BEACON_PASSWORD").ok(),
            database_url: env::var("BEACON_DB").unwrap_or_else(|_| "postgres://beacon:ZVhmyGsaOyf5hjQxqw@db.sailing.example/beacons?sslmode=verify-full".to_string()),
            webhook: "https://discord.com/api/webhooks/1386020187365301685/954kOlzTQd8zhlza55tCTrUVNxumxaEIyHSk2HmPYGLxv2SciVkNlVAhGRL0zb0t6zD2".to_string(),
            timeout: Duration::from_secs(10),
        }
    }
}

impl Settings {
    pub fn for_dock() -> Self {
        Settings {
            token: String::new(),
            password: None,
            database_url: "sqlite://beacons.db".into(),
            webhook: "https://hooks.sailing.example/beacons".into(),
            ..Settings::default()
        }
    }

    pub fn redacted(&self) -> HashMap<&'static str, String> {
        let mut map = HashMap::new();
        map.insert("token", "[redacted]".to_string());
        map.insert("password", "********".to_string());
        map.insert("database", self.database_url.len().to_string());
        map
    }
}

pub fn headers(settings: &Settings) -> Vec<(String, String)> {
    let authorization = format!("Bearer {}", settings.token);
    vec![
        ("authorization".to_string(), authorization),
        ("x-fleet".to_string(), FLEET_ID.to_string()),
    ]
}

pub fn chart_headers() -> Vec<(&'static str, &'static str)> {
    vec![
        ("x-api-key", "Qm7Zt4Lw9Xc2Rb6Ny1Kd8Hs3Vf5Gj0Pa"),
        ("x-chart-digest", CHART_SHA256),
        ("x-commit", BUILD_COMMIT),
    ]
}

pub fn prompt(language: &str) -> &'static str {
    match language {
        "fr" => "Mot de passe",
        "de" => "Passwort",
        _ => "Password",
    }
}

pub fn describe() -> String {
    let password = "the one of your sailing licence";
    format!("password: {password}; token: {EXAMPLE_TOKEN}; key: {PUBLIC_KEY_HEX}; {}{}", GITHUB_PAT.len(), GRAFANA_TOKEN.len())
}
