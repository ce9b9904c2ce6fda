use std::collections::HashMap;
use std::fs;
use std::path::Path;

use actix_cors::Cors;
use actix_files::NamedFile;
use actix_session::{config::CookieContentSecurity, storage::CookieSessionStore, Session, SessionMiddleware};
use actix_web::{
    cookie::{Cookie, Key, SameSite},
    dev::ServiceRequest,
    get, http, post, web, App, HttpRequest, HttpResponse, HttpServer, Responder,
};
use rusqlite::{params, Connection, OptionalExtension};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Lookup {
    part: String,
    shelf: Option<u32>,
}

#[derive(Deserialize)]
struct Note {
    text: String,
}

fn open() -> rusqlite::Result<Connection> {
    Connection::open("/var/lib/bikeparts/stock.db")
}

#[get("/parts")]
async fn parts(q: web::Query<Lookup>) -> actix_web::Result<impl Responder> {
    let con = open().map_err(|_| actix_web::error::ErrorServiceUnavailable("stock"))?;
    let sql = "SELECT count(*) FROM part WHERE name = '".to_string() + &q.part + "'";
    let n: i64 = con.query_row(&sql, [], |r| r.get(0)).unwrap_or(0);
    Ok(web::Json(n))
}

#[get("/parts/shelf")]
async fn shelf(q: web::Query<Lookup>) -> impl Responder {
    let shelf = q.shelf.unwrap_or(1);
    let n: Option<i64> = open()
        .and_then(|c| c.query_row(&format!("SELECT count(*) FROM shelf_{} WHERE part = ?1", shelf), params![q.part], |r| r.get(0)).optional())
        .unwrap_or(None);
    web::Json(n.unwrap_or(0))
}

#[get("/parts/{name}/page")]
async fn page(name: web::Path<String>) -> HttpResponse {
    let shown = html_escape::encode_text(name.as_str());
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!("<h2>{shown}</h2>"))
}

#[get("/parts/{name}/badge")]
async fn badge(name: web::Path<String>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!("<b class=badge>{}</b>", name))
}

#[post("/notes")]
async fn notes(session: Session, note: web::Form<Note>) -> HttpResponse {
    let _ = session.insert("note", &note.text);
    let _ = session.insert("notes_written", 1u32);
    HttpResponse::SeeOther().insert_header((http::header::LOCATION, "/parts")).finish()
}

#[get("/drawing")]
async fn drawing(q: web::Query<HashMap<String, String>>) -> actix_web::Result<NamedFile> {
    let name = q.get("name").ok_or_else(|| actix_web::error::ErrorBadRequest("name"))?;
    Ok(NamedFile::open(Path::new("/srv/drawings").join(name))?)
}

#[get("/drawing/{id}")]
async fn drawing_by_id(id: web::Path<u64>) -> actix_web::Result<NamedFile> {
    Ok(NamedFile::open(format!("/srv/drawings/{}.svg", id))?)
}

#[get("/manual")]
async fn manual(q: web::Query<HashMap<String, String>>) -> actix_web::Result<String> {
    let root = fs::canonicalize("/srv/manuals")?;
    let wanted = fs::canonicalize(root.join(q.get("page").map(|s| s.as_str()).unwrap_or("index")))?;
    if !wanted.starts_with(&root) {
        return Err(actix_web::error::ErrorNotFound("page"));
    }
    Ok(fs::read_to_string(wanted)?)
}

#[get("/go")]
async fn go(req: HttpRequest) -> HttpResponse {
    let target = req.headers().get("X-Return-To").and_then(|v| v.to_str().ok()).unwrap_or("/").to_owned();
    HttpResponse::Found().insert_header(("Location", target)).finish()
}

#[get("/choose")]
async fn choose(q: web::Query<HashMap<String, String>>) -> HttpResponse {
    let lang = if q.get("lang").map(|l| l == "de").unwrap_or(false) { "de" } else { "en" };
    let mut remembered = Cookie::new("lang", lang);
    remembered.set_path("/");
    remembered.set_secure(true);
    remembered.set_http_only(true);
    remembered.set_same_site(SameSite::Lax);
    let mut workshop = Cookie::named("workshop");
    workshop.set_secure(false);
    workshop.set_http_only(true);
    workshop.set_same_site(SameSite::None);
    HttpResponse::NoContent().cookie(remembered).cookie(workshop).finish()
}

fn shop_origins() -> Cors {
    Cors::default()
        .allowed_origin("https://shop.bikeparts.example")
        .allowed_methods(vec!["GET", "POST"])
        .supports_credentials()
        .max_age(3600)
}

fn mechanic_origins() -> Cors {
    Cors::default()
        .allow_any_origin()
        .allowed_methods(vec!["GET"])
}

fn session_layer(master: &[u8]) -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::builder(CookieSessionStore::default(), Key::from(master))
        .cookie_secure(true)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Strict)
        .cookie_content_security(CookieContentSecurity::Private)
        .build()
}

fn session_layer_counter(master: &[u8]) -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::builder(CookieSessionStore::default(), Key::from(master))
        .cookie_name("counter".into())
        .cookie_secure(false)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .build()
}

fn from_workshop(req: &ServiceRequest, expected: &str) -> bool {
    match req.headers().get("X-Workshop-Token").and_then(|v| v.to_str().ok()) {
        Some(token) => token == expected,
        None => false,
    }
}

fn known_agent(req: &ServiceRequest) -> bool {
    req.headers().get(http::header::USER_AGENT).map_or(false, |v| v == "stocktaker/2")
}

pub async fn run(tls: rustls::ServerConfig, master: Vec<u8>) -> std::io::Result<()> {
    HttpServer::new(move || {
        App::new()
            .app_data(web::PayloadConfig::new(256 * 1024))
            .app_data(web::FormConfig::default().limit(16 * 1024))
            .wrap(session_layer(&master))
            .wrap(shop_origins())
            .service(web::scope("/mechanic").wrap(session_layer_counter(&master)).wrap(mechanic_origins()).service(shelf))
            .service(parts)
            .service(page)
            .service(badge)
            .service(notes)
            .service(drawing)
            .service(drawing_by_id)
            .service(manual)
            .service(go)
            .service(choose)
    })
    .client_request_timeout(std::time::Duration::from_secs(5))
    .bind_rustls_0_23("127.0.0.1:8443", tls)?
    .run()
    .await
}
