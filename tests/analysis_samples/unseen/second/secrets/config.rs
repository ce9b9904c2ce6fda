//! Configuration of the avalanche bulletin service.
use std::collections::HashMap;
use std::env;
use std::fs;

pub const PASSWORD_FIELD: &str = "password";
pub const TOKEN_COOKIE: &str = "bulletin_token";
pub const SECRET_PATH: &str = "kv/avalanche/bulletin";
pub const GIT_COMMIT: &str = "c513d56f7a648f0c55a497b2e21864f0c6b71a04";
pub const CRATE_CHECKSUM: &str = "53a92bbde2120b1c1699633f604a39ba3c9d29886dc2d24f289ea97662f2077b";
pub const PASSWORD_RULE: &str = r"^[A-Za-z0-9!?#-]{14,64}$";
const STATION_API_KEY: &str = "iv1n3F5NxaZkIjziBJdnW0KjGMp5vHhhQY9trshl";

#[derive(Clone, Default)]
pub struct Database {
    pub host: String,
    pub user: String,
    pub password: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    Password,
    ApiKey,
    Token,
}

impl Credential {
    pub fn as_str(self) -> &'static str {
        match self {
            Credential::Password => "password",
            Credential::ApiKey => "api_key",
            Credential::Token => "token",
        }
    }
}

pub fn primary() -> Database {
    Database {
        host: "pg.avalanche.internal".to_string(),
        user: "bulletin".to_string(),
        password: env::var("BULLETIN_DB_PASSWORD").unwrap_or_default(),
    }
}

pub fn observers() -> Database {
    Database {
        host: "pg.avalanche.internal".to_string(),
        user: "observers".to_string(),
        password: "Schneebrett_4".to_string(),
    }
}

pub fn from_secret_file(name: &str) -> std::io::Result<String> {
    let text = fs::read_to_string(format!("/run/secrets/{name}"))?;
    Ok(text.trim().to_owned())
}

pub fn mail_password() -> String {
    env::var("MAIL_PASSWORD").unwrap_or_else(|_| String::from("Lawine!Warnung2"))
}

pub fn sms_password() -> Option<String> {
    env::var("SMS_PASSWORD").ok().filter(|p| !p.is_empty())
}

pub fn headers() -> HashMap<&'static str, String> {
    let mut map = HashMap::new();
    map.insert("x-api-key", STATION_API_KEY.to_string());
    map.insert("authorization", format!("Bearer {}", env::var("STATION_TOKEN").unwrap_or_default()));
    map.insert("x-vault-token", "hvs.SsoXi8ZeyX1mUwk5bOWnLZeR".to_string());
    map
}

pub fn texts(lang: &str) -> HashMap<&'static str, &'static str> {
    let mut map = HashMap::new();
    if lang == "fr" {
        map.insert("password", "Mot de passe");
        map.insert("token", "Jeton");
    } else {
        map.insert("password", "Password");
        map.insert("token", "Token");
    }
    map
}
