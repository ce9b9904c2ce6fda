use std::collections::HashMap;
use std::net::SocketAddr;

use axum::{
    extract::{DefaultBodyLimit, Form, Path, Query, State},
    http::{header, HeaderMap, StatusCode},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
    Json, Router,
};
use axum_server::tls_rustls::RustlsConfig;
use serde::{Deserialize, Serialize};
use sqlx::{postgres::PgPoolOptions, PgPool, QueryBuilder, Row};

const DEPOTS: [&str; 3] = ["north", "harbour", "airfield"];

#[derive(Clone)]
struct App {
    pool: PgPool,
    letters: std::path::PathBuf,
}

#[derive(Deserialize)]
struct RunQuery {
    driver: String,
    depot: Option<String>,
    order: Option<String>,
}

#[derive(Serialize)]
struct Run {
    id: i64,
    driver: String,
}

#[derive(Deserialize)]
struct Note {
    run: i64,
    text: String,
}

fn rows_to_runs(rows: Vec<sqlx::postgres::PgRow>) -> Vec<Run> {
    rows.iter()
        .map(|r| Run { id: r.get("id"), driver: r.get("driver") })
        .collect()
}

async fn runs(State(app): State<App>, Query(q): Query<RunQuery>) -> Result<Json<Vec<Run>>, StatusCode> {
    let sql = format!("SELECT id, driver FROM runs WHERE driver = '{}'", q.driver);
    let rows = sqlx::query(&sql)
        .fetch_all(&app.pool)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(rows_to_runs(rows)))
}

async fn runs_at(State(app): State<App>, Query(q): Query<RunQuery>) -> Result<Json<Vec<Run>>, StatusCode> {
    let order = match q.order.as_deref() {
        Some("driver") => "driver",
        _ => "id",
    };
    let sql = format!("SELECT id, driver FROM runs WHERE depot = $1 ORDER BY {order}");
    let rows = sqlx::query(&sql)
        .bind(q.depot)
        .fetch_all(&app.pool)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(rows_to_runs(rows)))
}

async fn search(State(app): State<App>, Query(params): Query<HashMap<String, String>>) -> Result<Json<usize>, StatusCode> {
    let mut builder = QueryBuilder::new("SELECT id FROM runs WHERE 1 = 1");
    if let Some(driver) = params.get("driver") {
        builder.push(" AND driver = ").push_bind(driver.clone());
    }
    if let Some(tail) = params.get("tail") {
        builder.push(tail);
    }
    let rows = builder.build().fetch_all(&app.pool).await.map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(Json(rows.len()))
}

async fn add_note(State(app): State<App>, Json(note): Json<Note>) -> StatusCode {
    let saved = sqlx::query("INSERT INTO notes (run, text) VALUES ($1, $2)")
        .bind(note.run)
        .bind(&note.text)
        .execute(&app.pool)
        .await;
    let touched = sqlx::query(&format!("UPDATE runs SET touched = now() WHERE id = {}", note.run))
        .execute(&app.pool)
        .await;
    if saved.is_ok() && touched.is_ok() { StatusCode::CREATED } else { StatusCode::BAD_REQUEST }
}

async fn board(Query(params): Query<HashMap<String, String>>) -> Html<String> {
    let title = params.get("title").cloned().unwrap_or_default();
    Html(format!("<h1>{}</h1>", title))
}

async fn board_safe(Query(params): Query<HashMap<String, String>>) -> Html<String> {
    let title = params.get("title").map(|t| html_escape::encode_text(t).into_owned()).unwrap_or_default();
    Html(format!("<h1>{}</h1>", title))
}

async fn letter(State(app): State<App>, Path(name): Path<String>) -> Result<Vec<u8>, StatusCode> {
    let path = app.letters.join(&name);
    tokio::fs::read(path).await.map_err(|_| StatusCode::NOT_FOUND)
}

async fn manifest(State(app): State<App>, Path(id): Path<u64>) -> Result<Vec<u8>, StatusCode> {
    let path = app.letters.join(format!("manifest-{id}.pdf"));
    tokio::fs::read(path).await.map_err(|_| StatusCode::NOT_FOUND)
}

async fn onward(Form(form): Form<HashMap<String, String>>) -> Redirect {
    match form.get("next") {
        Some(next) => Redirect::to(next),
        None => Redirect::to("/runs"),
    }
}

async fn depot(Path(name): Path<String>) -> Response {
    if DEPOTS.contains(&name.as_str()) {
        return Redirect::to(&format!("/depots/{name}")).into_response();
    }
    StatusCode::NOT_FOUND.into_response()
}

async fn feed(headers: HeaderMap) -> Response {
    let origin = headers.get(header::ORIGIN).cloned();
    let mut response = Json(DEPOTS).into_response();
    if let Some(origin) = origin {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let pool = PgPoolOptions::new().max_connections(10).connect(&std::env::var("DISPATCH_DATABASE_URL")?).await?;
    let app = Router::new()
        .route("/runs", get(runs))
        .route("/runs/at", get(runs_at))
        .route("/runs/search", get(search))
        .route("/notes", post(add_note))
        .route("/board", get(board))
        .route("/board/safe", get(board_safe))
        .route("/letters/{name}", get(letter))
        .route("/manifests/{id}", get(manifest))
        .route("/onward", post(onward))
        .route("/depot/{name}", get(depot))
        .route("/feed", get(feed))
        .layer(DefaultBodyLimit::max(64 * 1024))
        .with_state(App { pool, letters: "/srv/dispatch/letters".into() });
    let addr = SocketAddr::from(([127, 0, 0, 1], 8443));
    let tls = RustlsConfig::from_pem_file("/etc/dispatch/cert.pem", "/etc/dispatch/key.pem").await?;
    axum_server::bind_rustls(addr, tls).serve(app.into_make_service()).await?;
    Ok(())
}
