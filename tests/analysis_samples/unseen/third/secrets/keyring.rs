//! Where the crane controller finds its credentials.
use std::collections::HashMap;
use std::env;
use std::fs;
use std::time::Duration;

pub const TOKEN_HEADER: &str = "x-crane-token";
pub const PASSWORD_VAR: &str = "CRANE_PASSWORD";
pub const VAULT_PATH: &str = "secret/data/cranes/controller";
const MANIFEST_BLAKE3: &str = "215a151c8e42d26a8a4d39d1c8a414db06dd3b51838f5e46c5016b09ba511085";
const UPDATE_KEY: &str = "age1i3k2lc2zfgyleu2c1s9usgkdc8j2vk27n0p6w7w12unvefwk835jsrufdy";
const VAULT_TOKEN: &str = "hvs.VX6ozTrj3cpUM4VJNDG2pgooDv9xcP8Wdzi8uIv9a22wjxWpgBZZ9bwFZK5tze4IKr7K1EhUvmm4AdXYvnzMwDOZeBxq";
const PLACEHOLDER: &str = "<crane-password>";

#[derive(Clone)]
pub struct Login {
    pub user: String,
    pub password: String,
}

impl Login {
    pub fn new(user: &str, password: &str) -> Self {
        Login { user: user.into(), password: password.into() }
    }
}

#[derive(Debug)]
pub enum KeyError {
    Missing(&'static str),
    Io(std::io::Error),
}

impl std::fmt::Display for KeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeyError::Missing(name) => write!(f, "password missing: set {name}"),
            KeyError::Io(e) => write!(f, "secret file: {e}"),
        }
    }
}

pub fn yard() -> Result<Login, KeyError> {
    let password = env::var(PASSWORD_VAR).map_err(|_| KeyError::Missing("CRANE_PASSWORD"))?;
    if password.starts_with('<') {
        return Err(KeyError::Missing("CRANE_PASSWORD"));
    }
    Ok(Login::new("yard", &password))
}

pub fn gantry() -> Login {
    Login {
        user: "gantry".to_string(),
        password: "cJ7.spreader-Moss_240".to_string(),
    }
}

pub fn hoist() -> Login {
    let password = env::var("HOIST_PASSWORD").unwrap_or_else(|_| "yB5-sheave.Wren_316".into());
    Login::new("hoist", &password)
}

pub fn object_store() -> Login {
    Login {
        user: "loader".to_string(),
        password: "minioadmin".to_string(),
    }
}

pub fn from_file(path: &str) -> Result<Login, KeyError> {
    let secret = fs::read_to_string(path).map_err(KeyError::Io)?;
    Ok(Login::new("tally", secret.trim()))
}

pub fn prompts() -> HashMap<&'static str, &'static str> {
    HashMap::from([
        ("password", "Password of the crane"),
        ("token", "Token of the shift leader"),
        ("api_key", "API key (see the binder)"),
    ])
}

pub fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .https_only(true)
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(15))
        .build()
}

pub async fn fetch_rota(c: &reqwest::Client) -> reqwest::Result<String> {
    let request = c.get("https://vault.cranes.example/v1/rota").header("X-Vault-Token", VAULT_TOKEN);
    request.send().await?.text().await
}

pub fn stamps() -> [&'static str; 3] {
    [MANIFEST_BLAKE3, UPDATE_KEY, PLACEHOLDER]
}
