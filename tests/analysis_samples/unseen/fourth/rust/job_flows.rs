//! Programs which a sheep farm's herd manager starts.

use std::collections::{BTreeMap, HashMap};
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use axum::extract::{Path as UrlPath, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::Json;
use once_cell::sync::Lazy;
use regex::Regex;

static TAG: Lazy<Regex> = Lazy::new(|| Regex::new(r"^[A-Z]{2}[0-9]{4,8}$").unwrap());
static TOOLS: Lazy<HashMap<&'static str, &'static str>> = Lazy::new(|| HashMap::from([("weigh", "/opt/herd/weigh"), ("count", "/opt/herd/count")]));

type Params = Query<HashMap<String, String>>;

struct Plan {
    script: String,
}

pub async fn print_tag(Query(q): Params) -> StatusCode {
    let tag = q.get("tag").cloned().unwrap_or_default();
    let done = Command::new("sh").arg("-c").arg(format!("printtag {} | lp", tag)).status();
    code(done.is_ok())
}

pub async fn print_tag_checked(Query(q): Params) -> StatusCode {
    let tag = q.get("tag").map(String::as_str).unwrap_or("");
    if !TAG.is_match(tag) {
        return StatusCode::BAD_REQUEST;
    }
    let done = Command::new("sh").arg("-c").arg(format!("printtag {} | lp", tag)).status();
    code(done.is_ok())
}

pub async fn tool(Query(q): Params) -> StatusCode {
    let name = &q["tool"];
    code(Command::new(name).stdin(Stdio::null()).spawn().is_ok())
}

pub async fn tool_listed(Query(q): Params) -> StatusCode {
    match q.get("tool").and_then(|t| TOOLS.get(t.as_str())) {
        Some(program) => code(Command::new(program).spawn().is_ok()),
        None => StatusCode::NOT_FOUND,
    }
}

pub async fn weigh(UrlPath(pen): UrlPath<u16>) -> StatusCode {
    let line = format!("weigh --pen {pen} >> /var/log/weights");
    code(Command::new("bash").args(["-c", &line]).status().is_ok())
}

pub async fn weigh_named(UrlPath(pen): UrlPath<String>) -> StatusCode {
    let mut line = String::from("weigh --pen ");
    line.push_str(&pen);
    line += " >> /var/log/weights";
    code(Command::new("bash").args(["-c", line.as_str()]).status().is_ok())
}

fn plan_of(headers: &HeaderMap) -> Option<Plan> {
    let dog = headers.get("x-dog")?.to_str().ok()?;
    Some(Plan { script: ["whistle", dog, "--far"].join(" ") })
}

impl Plan {
    fn run(&self) -> io::Result<Output> {
        Command::new("/bin/sh").arg("-c").arg(&self.script).output()
    }
}

pub async fn whistle(headers: HeaderMap) -> StatusCode {
    plan_of(&headers).map_or(StatusCode::BAD_REQUEST, |p| code(p.run().is_ok()))
}

pub async fn gather(Json(body): Json<Vec<String>>) -> StatusCode {
    let speed = match body.first().map(|s| s.as_str()) {
        Some("slow") => "--speed=1",
        Some("fast") => "--speed=9",
        _ => "--speed=5",
    };
    code(Command::new("/opt/herd/gather").arg(speed).status().is_ok())
}

pub async fn gather_async(Json(body): Json<BTreeMap<String, String>>) -> StatusCode {
    let mut cmd = tokio::process::Command::new("bash");
    cmd.kill_on_drop(true);
    for (field, value) in &body {
        let line = format!("gather --{field} {value}");
        if cmd.arg("-c").arg(line).status().await.is_err() {
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
    }
    StatusCode::ACCEPTED
}

pub fn free_space() -> io::Result<Output> {
    Command::new("sh").arg("-c").arg("df -h /srv | tail -1").output()
}

pub fn edit_notes() -> io::Result<Output> {
    let dir: OsString = env::current_exe()?.parent().map(|p| p.as_os_str().to_owned()).unwrap_or_default();
    Command::new(Path::new(&dir).join("notes")).output()
}

// ---- papers

pub async fn passport(Query(q): Params) -> Result<String, StatusCode> {
    let name = q.get("ewe").ok_or(StatusCode::BAD_REQUEST)?;
    fs::read_to_string(PathBuf::from("/srv/passports").join(name)).map_err(|_| StatusCode::NOT_FOUND)
}

pub async fn passport_by_name(Query(q): Params) -> Result<String, StatusCode> {
    let base = Path::new(q.get("ewe").map(String::as_str).unwrap_or("")).file_name().ok_or(StatusCode::BAD_REQUEST)?;
    fs::read_to_string(Path::new("/srv/passports").join(base)).map_err(|_| StatusCode::NOT_FOUND)
}

pub async fn passport_by_tag(Query(q): Params) -> Result<Vec<u8>, StatusCode> {
    let tag = q.get("tag").filter(|t| t.chars().all(|c| c.is_ascii_alphanumeric())).ok_or(StatusCode::BAD_REQUEST)?;
    let mut out = Vec::new();
    File::open(format!("/srv/passports/{tag}.pdf")).and_then(|mut f| f.read_to_end(&mut out)).map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(out)
}

pub async fn forget(UrlPath(file): UrlPath<String>) -> StatusCode {
    let remove = |name: &str| fs::remove_file(format!("/srv/passports/{}", name));
    code(remove(&file).is_ok())
}

pub async fn archive(Query(q): Params) -> StatusCode {
    let year: u16 = match q.get("year").and_then(|y| y.parse().ok()) {
        Some(y) => y,
        None => return StatusCode::BAD_REQUEST,
    };
    code(fs::create_dir_all(Path::new("/srv/archive").join(year.to_string())).is_ok())
}

fn code(ok: bool) -> StatusCode {
    if ok {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}
