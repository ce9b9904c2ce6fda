use std::collections::HashMap;
use std::path::{Component, Path as FsPath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::{
    extract::{DefaultBodyLimit, Form, Multipart, Path, Query, State},
    http::{header, HeaderMap, StatusCode},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
    Json, Router,
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::{Deserialize, Serialize};
use sqlx::{postgres::PgPoolOptions, PgPool, Row};
use tower_http::cors::{Any, CorsLayer};
use tower_http::limit::RequestBodyLimitLayer;
use tracing::{info, warn};

const SEEDS: &str = "/srv/seedbank/pictures";

#[derive(Clone)]
struct Bank {
    pool: PgPool,
    http: reqwest::Client,
}

#[derive(Deserialize)]
struct Wanted {
    species: String,
    order: Option<String>,
}

#[derive(Deserialize)]
struct SignIn {
    curator: String,
    password: String,
}

#[derive(Serialize, sqlx::FromRow)]
struct Seed {
    id: i64,
    species: String,
}

async fn connect() -> Result<Bank, Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL")?;
    let pool = PgPoolOptions::new().max_connections(12).acquire_timeout(Duration::from_secs(3)).connect(&url).await?;
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).https_only(true).build()?;
    Ok(Bank { pool, http })
}

fn router(bank: Arc<Bank>) -> Router {
    let partners = CorsLayer::new().allow_origin(["https://gardens.example".parse().unwrap()]).allow_methods([axum::http::Method::GET]);
    let open = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([axum::http::Method::GET]);
    Router::new()
        .route("/seeds", get(by_species).layer(partners))
        .route("/seeds/sorted", get(sorted).layer(open))
        .route("/seeds/:id", get(one))
        .route("/hello/:name", get(hello))
        .route("/picture", get(picture))
        .route("/picture/safe", get(picture_checked))
        .route("/mirror", get(mirror))
        .route("/leave", get(leave))
        .route("/login", post(login))
        .route("/scan", post(scan).layer(RequestBodyLimitLayer::new(8 << 20)))
        .route("/bulk", post(bulk).layer(DefaultBodyLimit::disable()))
        .with_state(bank)
}

async fn by_species(State(bank): State<Arc<Bank>>, Query(w): Query<Wanted>) -> Result<Json<Vec<Seed>>, StatusCode> {
    sqlx::query_as::<_, Seed>("SELECT id, species FROM seed WHERE species = $1")
        .bind(&w.species)
        .fetch_all(&bank.pool)
        .await
        .map(Json)
        .map_err(|e| {
            warn!(error = %e, "seed query failed");
            StatusCode::INTERNAL_SERVER_ERROR
        })
}

async fn sorted(State(bank): State<Arc<Bank>>, Query(w): Query<Wanted>) -> Result<Json<Vec<Seed>>, StatusCode> {
    let order = w.order.unwrap_or_else(|| "species".to_owned());
    let sql = format!("SELECT id, species FROM seed WHERE species LIKE '{}%' ORDER BY {}", w.species, order);
    let rows = sqlx::query_as::<_, Seed>(&sql).fetch_all(&bank.pool).await;
    rows.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn one(State(bank): State<Arc<Bank>>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    let sql = format!("SELECT species FROM seed WHERE id = {id}");
    let row = sqlx::query(&sql).fetch_one(&bank.pool).await.map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(row.get(0))
}

async fn hello(Path(name): Path<String>, headers: HeaderMap) -> Response {
    if headers.get(header::ACCEPT).map_or(false, |a| a == "text/plain") {
        return format!("Hello {name}").into_response();
    }
    Html(format!("<h1>Hello {name}</h1>")).into_response()
}

async fn picture(Query(q): Query<HashMap<String, String>>) -> Result<Vec<u8>, StatusCode> {
    let file = q.get("file").cloned().unwrap_or_default();
    tokio::fs::read(format!("{SEEDS}/{file}")).await.map_err(|_| StatusCode::NOT_FOUND)
}

fn plain_name(name: &str) -> Option<PathBuf> {
    let p = FsPath::new(name);
    let mut parts = p.components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(n)), None) => Some(FsPath::new(SEEDS).join(n)),
        _ => None,
    }
}

async fn picture_checked(Query(q): Query<HashMap<String, String>>) -> Result<Vec<u8>, StatusCode> {
    let path = plain_name(q.get("file").map(String::as_str).unwrap_or("")).ok_or(StatusCode::NOT_FOUND)?;
    tokio::fs::read(path).await.map_err(|_| StatusCode::NOT_FOUND)
}

async fn mirror(State(bank): State<Arc<Bank>>, Query(q): Query<HashMap<String, String>>) -> Result<String, StatusCode> {
    let known = match q.get("site").map(String::as_str) {
        Some("kew") => "https://kew.mirror.example/list",
        Some("kyoto") => "https://kyoto.mirror.example/list",
        _ => "https://main.mirror.example/list",
    };
    let mut answer = bank.http.get(known).send().await;
    if let (Err(_), Some(other)) = (&answer, q.get("fallback")) {
        answer = bank.http.get(other).send().await;
    }
    answer.map_err(|_| StatusCode::BAD_GATEWAY)?.text().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

async fn leave(Query(q): Query<HashMap<String, String>>) -> Redirect {
    match q.get("to") {
        Some(to) if to == "/seeds" || to == "/login" => Redirect::to(to),
        Some(to) => Redirect::temporary(to),
        None => Redirect::to("/seeds"),
    }
}

async fn login(State(bank): State<Arc<Bank>>, jar: CookieJar, Form(f): Form<SignIn>) -> Result<(CookieJar, Redirect), StatusCode> {
    let row = sqlx::query("SELECT session FROM open_session($1, $2)").bind(&f.curator).bind(&f.password).fetch_optional(&bank.pool).await;
    let Ok(Some(row)) = row else {
        info!("sign-in of {} refused", f.curator);
        info!("sign-in of {:?} refused", f.curator);
        return Err(StatusCode::UNAUTHORIZED);
    };
    let session = Cookie::build(("session", row.get::<String, _>(0)))
        .path("/")
        .secure(true)
        .http_only(false)
        .same_site(SameSite::Strict)
        .build();
    let seen = Cookie::build(("seen", "1")).secure(true).http_only(true).same_site(SameSite::Lax).build();
    Ok((jar.add(session).add(seen), Redirect::to("/seeds")))
}

async fn bulk(body: axum::body::Bytes) -> String {
    body.len().to_string()
}

async fn scan(mut form: Multipart) -> StatusCode {
    let mut bytes = 0usize;
    while let Ok(Some(field)) = form.next_field().await {
        if field.content_type() != Some("image/png") {
            return StatusCode::UNSUPPORTED_MEDIA_TYPE;
        }
        bytes += field.bytes().await.map(|b| b.len()).unwrap_or(0);
    }
    info!(bytes, "scan received");
    StatusCode::ACCEPTED
}
