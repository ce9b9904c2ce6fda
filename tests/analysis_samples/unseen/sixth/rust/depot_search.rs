use std::{collections::HashMap, path::{Component, Path as FsPath, PathBuf}, sync::Arc, time::Duration};

use axum::{
    extract::{Host, Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
    Json, Router,
};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgPool, Postgres, QueryBuilder};
use tokio::process::Command;

#[derive(Clone)]
pub struct Depot {
    pool: PgPool,
    http: reqwest::Client,
    carriers: Arc<HashMap<&'static str, &'static str>>,
    scans: PathBuf,
}

#[derive(Deserialize)]
pub struct ParcelQuery {
    sender: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    limit: Option<i64>,
}

#[derive(Deserialize)]
pub struct Named {
    name: String,
}

#[derive(Serialize, FromRow)]
pub struct Parcel {
    id: i64,
    sender: String,
}

type Reply<T> = Result<Json<T>, StatusCode>;

fn gone<E>(_: E) -> StatusCode {
    StatusCode::BAD_GATEWAY
}

async fn parcels(State(d): State<Depot>, Query(q): Query<ParcelQuery>) -> Reply<Vec<Parcel>> {
    let mut b: QueryBuilder<Postgres> = QueryBuilder::new("SELECT id, sender FROM parcels WHERE 1 = 1");
    if let Some(s) = &q.sender {
        b.push(" AND sender = ").push_bind(s);
    }
    if let Some(s) = &q.status {
        b.push(" AND status = ").push_bind(s);
    }
    b.push(" LIMIT ").push_bind(q.limit.unwrap_or(50).clamp(1, 200));
    b.build_query_as::<Parcel>().fetch_all(&d.pool).await.map(Json).map_err(gone)
}

async fn parcels_of(State(d): State<Depot>, Path(sender): Path<String>) -> Reply<Vec<Parcel>> {
    let sql = format!("SELECT id, sender FROM parcels WHERE sender = '{sender}'");
    sqlx::query_as::<_, Parcel>(&sql).fetch_all(&d.pool).await.map(Json).map_err(gone)
}

async fn parcel(State(d): State<Depot>, Path(id): Path<i64>) -> Reply<Parcel> {
    let sql = format!("SELECT id, sender FROM parcels WHERE id = {id}");
    sqlx::query_as(&sql).fetch_one(&d.pool).await.map(Json).map_err(gone)
}

fn column(sort: Option<&str>) -> &'static str {
    match sort {
        Some("sender") => "sender",
        Some("age") => "received_at",
        _ => "id",
    }
}

async fn sorted(State(d): State<Depot>, Query(q): Query<ParcelQuery>) -> Reply<Vec<Parcel>> {
    let sql = format!("SELECT id, sender FROM parcels ORDER BY {} LIMIT 20", column(q.sort.as_deref()));
    sqlx::query_as(&sql).fetch_all(&d.pool).await.map(Json).map_err(gone)
}

async fn purge(State(d): State<Depot>, Query(q): Query<ParcelQuery>) -> Result<StatusCode, StatusCode> {
    let mut sql = String::from("DELETE FROM drafts WHERE true");
    if let Some(status) = q.status {
        sql.push_str(" AND status = '");
        sql.push_str(&status);
        sql.push('\'');
    }
    sqlx::query(&sql).execute(&d.pool).await.map_err(gone)?;
    Ok(StatusCode::NO_CONTENT)
}

fn inside(root: &FsPath, name: &str) -> Option<PathBuf> {
    let rel = FsPath::new(name);
    let plain = rel.components().all(|c| matches!(c, Component::Normal(_)));
    plain.then(|| root.join(rel))
}

async fn scan(State(d): State<Depot>, Query(n): Query<Named>) -> Result<Vec<u8>, StatusCode> {
    let path = inside(&d.scans, &n.name).ok_or(StatusCode::NOT_FOUND)?;
    tokio::fs::read(path).await.map_err(|_| StatusCode::NOT_FOUND)
}

async fn raw_scan(State(d): State<Depot>, Path(name): Path<String>) -> Result<Vec<u8>, StatusCode> {
    let file = d.scans.join(name);
    tokio::fs::read(&file).await.map_err(|_| StatusCode::NOT_FOUND)
}

async fn carrier(State(d): State<Depot>, Query(n): Query<Named>) -> Result<String, StatusCode> {
    let base = d.carriers.get(n.name.as_str()).ok_or(StatusCode::NOT_FOUND)?;
    let res = d.http.get(format!("{base}/status")).timeout(Duration::from_secs(4)).send().await.map_err(gone)?;
    res.text().await.map_err(gone)
}

async fn proof(State(d): State<Depot>, Query(q): Query<HashMap<String, String>>) -> Result<String, StatusCode> {
    let url = q.get("url").cloned().unwrap_or_default();
    let res = d.http.get(&url).send().await.map_err(gone)?;
    Ok(res.status().to_string())
}

async fn label(Query(n): Query<Named>) -> Result<Vec<u8>, StatusCode> {
    let script = ["zint --direct --data ", &n.name].concat();
    let out = Command::new("bash").args(["-c", &script]).output().await.map_err(gone)?;
    Ok(out.stdout)
}

async fn convert(Query(n): Query<Named>) -> Result<Vec<u8>, StatusCode> {
    let out = Command::new(&n.name).arg("--version").output().await.map_err(gone)?;
    Ok(out.stdout)
}

async fn weigh(Path(lane): Path<u16>) -> Result<Vec<u8>, StatusCode> {
    let out = Command::new("/usr/bin/read-scale").arg("--lane").arg(lane.to_string()).output().await.map_err(gone)?;
    Ok(out.stdout)
}

async fn banner(Query(n): Query<Named>) -> Html<String> {
    Html(format!("<h1>Depot {}</h1>", n.name))
}

async fn safe_banner(Query(n): Query<Named>) -> Html<String> {
    Html(format!("<h1>Depot {}</h1>", html_escape::encode_text(&n.name)))
}

async fn greeting(Query(n): Query<Named>) -> String {
    format!("Depot {}", n.name)
}

async fn leave(Query(n): Query<Named>) -> Redirect {
    Redirect::to(&n.name)
}

async fn back(Query(n): Query<Named>) -> Response {
    match n.name.as_str() {
        "lanes" => Redirect::to("/lanes").into_response(),
        "scans" => Redirect::to("/scans").into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn share(Host(host): Host, Path(id): Path<i64>) -> Json<String> {
    Json(format!("https://{host}/parcels/{id}"))
}

async fn note(Query(n): Query<Named>) -> StatusCode {
    tracing::info!(name = ?n.name, "note received");
    println!("note received from {}", n.name);
    StatusCode::NO_CONTENT
}

pub fn routes(depot: Depot) -> Router {
    Router::new()
        .route("/parcels", get(parcels).delete(purge))
        .route("/parcels/:id", get(parcel))
        .route("/parcels/:id/share", get(share))
        .route("/senders/:sender", get(parcels_of))
        .route("/sorted", get(sorted))
        .route("/scan", get(scan))
        .route("/scans/:name", get(raw_scan))
        .route("/carrier", get(carrier))
        .route("/proof", get(proof))
        .route("/label", get(label))
        .route("/convert", get(convert))
        .route("/lanes/:lane", get(weigh))
        .route("/banner", get(banner))
        .route("/banner/2", get(safe_banner))
        .route("/greeting", get(greeting))
        .route("/leave", get(leave))
        .route("/back", get(back))
        .route("/note", get(note))
        .with_state(depot)
}
