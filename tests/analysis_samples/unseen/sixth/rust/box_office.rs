use std::{env, path::PathBuf, time::Duration};

use actix_cors::Cors;
use actix_files::{Files, NamedFile};
use actix_session::{config::PersistentSession, storage::CookieSessionStore, SessionMiddleware};
use actix_web::{
    cookie::{time::Duration as CookieDuration, Cookie, Key, SameSite},
    get, http::header, middleware::DefaultHeaders, post, web, App, HttpRequest, HttpResponse, HttpServer, Responder,
};
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslFiletype, SslMethod, SslVersion};
use rusqlite::{params, Connection};
use serde::Deserialize;
use std::process::Command;
use std::sync::Mutex;

const POSTERS: &str = "/srv/boxoffice/posters";

struct Desk {
    db: Mutex<Connection>,
    http: reqwest::Client,
}

#[derive(Deserialize)]
struct ShowQuery {
    title: Option<String>,
    hall: Option<u32>,
    sort: Option<String>,
}

#[derive(Deserialize)]
struct Poster {
    name: String,
}

fn session_key() -> Key {
    Key::from(env::var("BOXOFFICE_SESSION_KEY").expect("session key").as_bytes())
}

fn visitor_sessions() -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::builder(CookieSessionStore::default(), session_key())
        .cookie_secure(true)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .session_lifecycle(PersistentSession::default().session_ttl(CookieDuration::hours(2)))
        .build()
}

fn cashier_sessions() -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::builder(CookieSessionStore::default(), session_key())
        .cookie_name("cashier".to_owned())
        .cookie_secure(true)
        .cookie_http_only(false)
        .cookie_same_site(SameSite::Strict)
        .build()
}

fn visitor_cors() -> Cors {
    Cors::default()
        .allowed_origin("https://tickets.boxoffice.example")
        .allowed_methods(["GET", "POST"])
        .supports_credentials()
        .max_age(600)
}

fn partner_cors() -> Cors {
    Cors::default()
        .allow_any_origin()
        .allowed_methods(["GET"])
}

fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "same-origin"))
        .add((header::CONTENT_SECURITY_POLICY, "default-src 'self'; frame-ancestors 'none'"))
}

fn acceptor() -> SslAcceptorBuilder {
    let mut b = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).expect("tls");
    b.set_private_key_file("/etc/boxoffice/tls.key", SslFiletype::PEM).expect("key");
    b.set_certificate_chain_file("/etc/boxoffice/tls.crt").expect("chain");
    b.set_min_proto_version(Some(SslVersion::TLS1_1)).expect("protocol");
    b
}

#[get("/shows")]
async fn shows(desk: web::Data<Desk>, q: web::Query<ShowQuery>) -> impl Responder {
    let db = desk.db.lock().unwrap();
    let title = q.title.as_deref().unwrap_or("%");
    let mut stmt = match db.prepare("SELECT title FROM shows WHERE title LIKE ?1 AND hall = ?2") {
        Ok(s) => s,
        Err(_) => return HttpResponse::InternalServerError().finish(),
    };
    let rows: Vec<String> = stmt
        .query_map(params![title, q.hall.unwrap_or(1)], |r| r.get(0))
        .map(|it| it.flatten().collect())
        .unwrap_or_default();
    HttpResponse::Ok().json(rows)
}

#[get("/shows/hall")]
async fn hall_shows(desk: web::Data<Desk>, q: web::Query<ShowQuery>) -> impl Responder {
    let order = match q.sort.as_deref() {
        Some("price") => "price",
        Some("date") => "starts_at",
        _ => "title",
    };
    let sql = format!("SELECT count(*) FROM shows WHERE hall = {} ORDER BY {order}", q.hall.unwrap_or(0));
    let db = desk.db.lock().unwrap();
    let n: i64 = db.query_row(&sql, [], |r| r.get(0)).unwrap_or(0);
    HttpResponse::Ok().json(n)
}

#[get("/shows/by-title")]
async fn by_title(desk: web::Data<Desk>, q: web::Query<ShowQuery>) -> impl Responder {
    let title = q.into_inner().title.unwrap_or_default();
    let sql = format!("SELECT hall FROM shows WHERE title = '{}'", title);
    let db = desk.db.lock().unwrap();
    let hall: i64 = db.query_row(&sql, [], |r| r.get(0)).unwrap_or(0);
    HttpResponse::Ok().json(hall)
}

#[get("/posters")]
async fn poster(q: web::Query<Poster>) -> actix_web::Result<NamedFile> {
    let path = PathBuf::from(POSTERS).join(&q.name);
    Ok(NamedFile::open(path)?)
}

#[get("/posters/{show}")]
async fn show_poster(show: web::Path<u64>) -> actix_web::Result<NamedFile> {
    Ok(NamedFile::open(PathBuf::from(POSTERS).join(format!("{}.png", show.into_inner())))?)
}

#[get("/print")]
async fn print(q: web::Query<Poster>) -> impl Responder {
    let line = format!("lp -d counter {POSTERS}/{}", q.name);
    match Command::new("sh").arg("-c").arg(&line).status() {
        Ok(s) if s.success() => HttpResponse::NoContent().finish(),
        _ => HttpResponse::BadGateway().finish(),
    }
}

#[get("/drawer")]
async fn open_drawer() -> impl Responder {
    match Command::new("sh").arg("-c").arg("echo open > /dev/usb/lp0").status() {
        Ok(_) => HttpResponse::NoContent().finish(),
        Err(_) => HttpResponse::BadGateway().finish(),
    }
}

#[get("/trailer")]
async fn trailer(desk: web::Data<Desk>, q: web::Query<Poster>) -> impl Responder {
    match desk.http.head(q.name.as_str()).send().await {
        Ok(r) => HttpResponse::Ok().body(r.status().to_string()),
        Err(_) => HttpResponse::BadGateway().finish(),
    }
}

#[post("/cashier/enter")]
async fn cashier_enter(_req: HttpRequest) -> impl Responder {
    let shift = Cookie::build("shift_session", uuid::Uuid::new_v4().to_string())
        .path("/cashier")
        .http_only(true)
        .secure(false)
        .same_site(SameSite::Strict)
        .finish();
    HttpResponse::NoContent().cookie(shift).finish()
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let desk = web::Data::new(Desk {
        db: Mutex::new(Connection::open("/var/lib/boxoffice/shows.db").expect("database")),
        http: reqwest::Client::builder().timeout(Duration::from_secs(5)).build().expect("client"),
    });
    HttpServer::new(move || {
        App::new()
            .app_data(desk.clone())
            .app_data(web::PayloadConfig::new(256 * 1024))
            .wrap(security_headers())
            .service(Files::new("/assets", "/srv/boxoffice/assets"))
            .service(Files::new("/programmes", "/srv/boxoffice/programmes").show_files_listing())
            .service(web::scope("/cashier").wrap(cashier_sessions()).service(cashier_enter))
            .service(web::scope("/partner").wrap(partner_cors()).service(shows))
            .service(
                web::scope("/visitor")
                    .wrap(visitor_sessions())
                    .wrap(visitor_cors())
                    .service(hall_shows)
                    .service(by_title)
                    .service(poster)
                    .service(show_poster)
                    .service(print)
                    .service(open_drawer)
                    .service(trailer),
            )
    })
    .client_request_timeout(Duration::from_secs(8))
    .max_connections(4096)
    .bind_openssl("0.0.0.0:8443", acceptor())?
    .run()
    .await
}
