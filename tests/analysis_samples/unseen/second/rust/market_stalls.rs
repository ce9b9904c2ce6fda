use std::path::PathBuf;

use actix_cors::Cors;
use actix_files::{Files, NamedFile};
use actix_multipart::form::{tempfile::TempFile, MultipartForm};
use actix_session::{config::PersistentSession, storage::CookieSessionStore, Session, SessionMiddleware};
use actix_web::cookie::{time::Duration, Cookie, Key, SameSite};
use actix_web::{get, http::header, post, web, App, HttpRequest, HttpResponse, HttpServer, Responder};
use askama_escape::{escape, Html};
use log::{info, warn};
use serde::Deserialize;

#[derive(Deserialize)]
struct StallQuery {
    name: String,
    back: Option<String>,
}

#[derive(Deserialize)]
struct Choice {
    language: String,
    role: String,
}

#[derive(MultipartForm)]
struct Picture {
    #[multipart(limit = "2MB")]
    picture: TempFile,
}

#[get("/stall")]
async fn stall(query: web::Query<StallQuery>) -> impl Responder {
    let body = format!("<h2>Stall of {}</h2>", query.name);
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body)
}

#[get("/stall/plain")]
async fn stall_plain(query: web::Query<StallQuery>) -> impl Responder {
    let body = format!("<h2>Stall of {}</h2>", escape(&query.name, Html));
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body)
}

#[get("/leave")]
async fn leave(query: web::Query<StallQuery>) -> impl Responder {
    let target = query.back.clone().unwrap_or_else(|| "/".to_string());
    web::Redirect::to(target).see_other()
}

#[get("/leave/checked")]
async fn leave_checked(query: web::Query<StallQuery>) -> HttpResponse {
    let target = match query.back.as_deref() {
        Some("stalls") => "/stalls",
        Some("help") => "/help",
        _ => "/",
    };
    HttpResponse::Found().insert_header((header::LOCATION, target)).finish()
}

#[get("/plans/{file}")]
async fn plan(path: web::Path<String>) -> actix_web::Result<NamedFile> {
    let mut full = PathBuf::from("/srv/market/plans");
    full.push(path.into_inner());
    Ok(NamedFile::open(full)?)
}

#[get("/plans/by-number/{number}")]
async fn plan_by_number(path: web::Path<u32>) -> actix_web::Result<NamedFile> {
    Ok(NamedFile::open(format!("/srv/market/plans/{}.pdf", path.into_inner()))?)
}

#[post("/choose")]
async fn choose(session: Session, form: web::Form<Choice>) -> actix_web::Result<HttpResponse> {
    session.insert("language_chosen", !form.language.is_empty())?;
    session.insert("role", &form.role)?;
    let mut cookie = Cookie::new("language_chosen", "yes");
    cookie.set_secure(true);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::None);
    let note = Cookie::build("note", "seen").secure(true).http_only(true).same_site(SameSite::Strict).finish();
    Ok(HttpResponse::NoContent().cookie(cookie).cookie(note).finish())
}

#[post("/picture")]
async fn picture(MultipartForm(form): MultipartForm<Picture>) -> HttpResponse {
    let allowed = form.picture.content_type.as_ref().is_some_and(|m| *m == mime::IMAGE_PNG);
    if !allowed {
        return HttpResponse::UnsupportedMediaType().finish();
    }
    match form.picture.file.persist("/srv/market/pictures/latest.png") {
        Ok(_) => HttpResponse::Created().finish(),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

#[post("/complain")]
async fn complain(body: String) -> HttpResponse {
    warn!("complaint: {}", body);
    info!("complaint of {} bytes: {:?}", body.len(), body.chars().next());
    HttpResponse::Accepted().finish()
}

#[get("/invite")]
async fn invite(request: HttpRequest) -> HttpResponse {
    let base = std::env::var("MARKET_BASE_URL").unwrap_or_default();
    let secure = request.app_config().secure();
    HttpResponse::Ok().json(serde_json::json!({ "link": format!("{base}/join"), "secure": secure }))
}

fn sessions(key: Key) -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::builder(CookieSessionStore::default(), key)
        .cookie_secure(false)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .session_lifecycle(PersistentSession::default().session_ttl(Duration::minutes(30)))
        .build()
}

fn open_cors() -> Cors {
    Cors::permissive()
}

fn stall_cors() -> Cors {
    Cors::default()
        .allowed_origin("https://stalls.market.example")
        .allowed_methods(["GET", "POST"])
        .supports_credentials()
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let secret = std::fs::read("/run/secrets/market-session")?;
    let mut tls = openssl::ssl::SslAcceptor::mozilla_modern_v5(openssl::ssl::SslMethod::tls_server())?;
    tls.set_private_key_file("/etc/market/key.pem", openssl::ssl::SslFiletype::PEM)?;
    tls.set_certificate_chain_file("/etc/market/cert.pem")?;
    HttpServer::new(move || {
        App::new()
            .wrap(sessions(Key::from(&secret)))
            .service(web::scope("/open").wrap(open_cors()).service(stall_plain))
            .service(web::scope("/desk").wrap(stall_cors()).service(choose).service(picture))
            .service(Files::new("/leaflets", "/srv/market/leaflets"))
            .service(Files::new("/maps", "/srv/market/maps").show_files_listing())
            .service(stall)
            .service(leave)
            .service(leave_checked)
            .service(plan)
            .service(plan_by_number)
            .service(complain)
            .service(invite)
    })
    .bind_openssl(("0.0.0.0", 8443), tls)?
    .run()
    .await
}
