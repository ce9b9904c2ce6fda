use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    extract::{DefaultBodyLimit, State},
    http::{header, HeaderName, HeaderValue, Method, StatusCode},
    response::IntoResponse,
    routing::{get, post},
    Json, Router,
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use axum_server::tls_rustls::RustlsConfig;
use serde::{Deserialize, Serialize};
use tower_http::{
    cors::{AllowOrigin, Any, CorsLayer},
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
};
use tower_sessions::{cookie::time::Duration as CookieDuration, Expiry, MemoryStore, SessionManagerLayer};
use uuid::Uuid;

const MAX_PHOTO: usize = 4 * 1024 * 1024;
const LOCAL_ONLY: &str = "127.0.0.1:9464";
const HSTS: &str = "max-age=31536000; includeSubDomains";

/// Before the move to rustls the hub listened on 0.0.0.0:80 without TLS.
#[derive(Clone)]
struct Hub {
    yards: Arc<Vec<String>>,
}

#[derive(Deserialize)]
struct Weighing {
    hive: Uuid,
    grams: u32,
}

#[derive(Serialize)]
struct Accepted {
    id: Uuid,
}

fn fixed(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

fn keeper_cors() -> CorsLayer {
    let origins = ["https://keepers.beehub.example", "https://yard.beehub.example"]
        .map(|o| o.parse::<HeaderValue>().expect("static origin"));
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_credentials(true)
}

fn partner_cors() -> CorsLayer {
    CorsLayer::new()
        .allow_methods([Method::GET])
        .allow_origin(Any)
        .max_age(Duration::from_secs(600))
}

fn preview_cors() -> CorsLayer {
    CorsLayer::very_permissive()
}

fn keeper_cookie(id: Uuid) -> Cookie<'static> {
    Cookie::build(("keeper", id.to_string()))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .build()
}

fn inspector_cookie(id: Uuid) -> Cookie<'static> {
    Cookie::build(("inspector_session", id.to_string()))
        .path("/inspections")
        .secure(false)
        .http_only(true)
        .same_site(SameSite::None)
        .build()
}

fn apprentice_cookie(id: Uuid) -> Cookie<'static> {
    let mut c = Cookie::new("apprentice_session", id.to_string());
    c.set_secure(true);
    c.set_http_only(false);
    c.set_same_site(SameSite::Lax);
    c
}

async fn enter(jar: CookieJar) -> impl IntoResponse {
    let id = Uuid::new_v4();
    (jar.add(keeper_cookie(id)), StatusCode::NO_CONTENT)
}

async fn enter_inspection(jar: CookieJar) -> impl IntoResponse {
    let id = Uuid::new_v4();
    let jar = jar.add(inspector_cookie(id)).add(apprentice_cookie(Uuid::new_v4()));
    (jar, StatusCode::NO_CONTENT)
}

async fn yards(State(hub): State<Hub>) -> Json<Vec<String>> {
    Json(hub.yards.as_ref().clone())
}

async fn weigh(Json(w): Json<Weighing>) -> Result<Json<Accepted>, StatusCode> {
    if w.grams == 0 {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    Ok(Json(Accepted { id: w.hive }))
}

async fn photo(body: axum::body::Bytes) -> StatusCode {
    if body.starts_with(b"\xff\xd8\xff") {
        StatusCode::CREATED
    } else {
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    }
}

fn keeper_routes(hub: Hub) -> Router {
    let store = MemoryStore::default();
    let sessions = SessionManagerLayer::new(store)
        .with_secure(true)
        .with_http_only(true)
        .with_expiry(Expiry::OnInactivity(CookieDuration::hours(2)));
    Router::new()
        .route("/enter", get(enter))
        .route("/yards", get(yards))
        .route("/weighings", post(weigh))
        .route("/photos", post(photo).layer(DefaultBodyLimit::max(MAX_PHOTO)))
        .layer(sessions)
        .layer(keeper_cors())
        .layer(fixed(header::STRICT_TRANSPORT_SECURITY, HSTS))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::CONTENT_SECURITY_POLICY, "default-src 'self'; frame-ancestors 'none'"))
        .layer(TimeoutLayer::new(Duration::from_secs(10)))
        .with_state(hub)
}

fn inspection_routes(hub: Hub) -> Router {
    let sessions = SessionManagerLayer::new(MemoryStore::default())
        .with_secure(false)
        .with_expiry(Expiry::OnInactivity(CookieDuration::hours(1)));
    Router::new()
        .route("/enter", get(enter_inspection))
        .route("/bulk", post(photo))
        .layer(DefaultBodyLimit::disable())
        .layer(sessions)
        .layer(preview_cors())
        .layer(fixed(header::STRICT_TRANSPORT_SECURITY, "max-age=0"))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("script-src 'self' 'unsafe-eval'; frame-ancestors 'none'"),
        ))
        .layer(fixed(header::SERVER, "beehub/2.9.1 axum/0.7.5"))
        .layer(TimeoutLayer::new(Duration::from_secs(30)))
        .with_state(hub)
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let hub = Hub { yards: Arc::new(vec!["Heidehof".into(), "Lindenau".into()]) };
    let tls = RustlsConfig::from_pem_file("/etc/beehub/tls.crt", "/etc/beehub/tls.key").await?;
    let metrics: SocketAddr = LOCAL_ONLY.parse()?;
    let catalogue = Router::new().route("/catalogue", get(yards)).layer(partner_cors()).with_state(hub.clone());

    tokio::spawn(axum_server::bind_rustls(metrics, tls.clone()).serve(catalogue.into_make_service()));

    let app = Router::new().nest("/keepers", keeper_routes(hub.clone())).nest("/inspections", inspection_routes(hub));
    axum_server::bind_rustls(SocketAddr::from(([0, 0, 0, 0], 8443)), tls).serve(app.into_make_service()).await?;
    Ok(())
}
