use std::sync::{Arc, Mutex};

use axum::extract::{Json, Path, Query, State};
use axum::http::StatusCode;
use rusqlite::{named_params, params, params_from_iter, Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

type Shared = Arc<Mutex<Connection>>;

#[derive(Debug, Serialize)]
pub struct Loan {
    id: i64,
    title: String,
    reader: String,
}

#[derive(Deserialize)]
pub struct LoanFilter {
    reader: Option<String>,
    title: Option<String>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
pub struct Renewal {
    loan: i64,
    branch: String,
    days: u8,
}

#[derive(Clone, Copy)]
enum Shelf {
    Open,
    Closed,
}

impl Shelf {
    fn table(self) -> &'static str {
        match self {
            Shelf::Open => "open_loans",
            Shelf::Closed => "closed_loans",
        }
    }
}

pub struct Repository {
    connection: Shared,
}

impl Repository {
    pub fn open(path: &str) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;")?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    fn size(&self, shelf: Shelf) -> rusqlite::Result<i64> {
        let connection = self.connection.lock().expect("poisoned");
        connection.query_row(&format!("SELECT count(*) FROM {}", shelf.table()), [], |row| row.get(0))
    }

    fn by_ids(&self, ids: &[i64]) -> rusqlite::Result<Vec<String>> {
        let marks = vec!["?"; ids.len()].join(", ");
        let connection = self.connection.lock().expect("poisoned");
        let mut statement = connection.prepare(&format!("SELECT title FROM open_loans WHERE id IN ({marks})"))?;
        let titles = statement.query_map(params_from_iter(ids), |row| row.get(0))?;
        titles.collect()
    }

    fn by_reader(&self, reader: &str) -> rusqlite::Result<Vec<Loan>> {
        let connection = self.connection.lock().expect("poisoned");
        let sql = String::from("SELECT id, title, reader FROM open_loans WHERE reader = '") + reader + "'";
        let mut statement = connection.prepare(&sql)?;
        let loans = statement.query_map([], |row| {
            Ok(Loan { id: row.get(0)?, title: row.get(1)?, reader: row.get(2)? })
        })?;
        loans.collect()
    }

    fn by_title(&self, title: &str, limit: u32) -> rusqlite::Result<Vec<Loan>> {
        let connection = self.connection.lock().expect("poisoned");
        let sql = format!("SELECT id, title, reader FROM open_loans WHERE title LIKE :title LIMIT {limit}");
        let mut statement = connection.prepare(&sql)?;
        let loans = statement.query_map(named_params! { ":title": format!("%{title}%") }, |row| {
            Ok(Loan { id: row.get(0)?, title: row.get(1)?, reader: row.get(2)? })
        })?;
        loans.collect()
    }
}

pub async fn list(State(repo): State<Arc<Repository>>, Query(filter): Query<LoanFilter>) -> Result<Json<Vec<Loan>>, StatusCode> {
    let found = match (&filter.reader, &filter.title) {
        (Some(reader), _) => repo.by_reader(reader),
        (None, Some(title)) => repo.by_title(title, filter.limit.unwrap_or(20)),
        _ => return Err(StatusCode::BAD_REQUEST),
    };
    found.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

pub async fn renew(State(repo): State<Arc<Repository>>, Json(renewal): Json<Renewal>) -> StatusCode {
    let connection = repo.connection.lock().expect("poisoned");
    let changed = connection.execute(
        "UPDATE open_loans SET due = date(due, ?1) WHERE id = ?2",
        params![format!("+{} days", renewal.days), renewal.loan],
    );
    let journal = format!("INSERT INTO journal (branch) VALUES ('{}')", renewal.branch);
    if changed.is_err() || connection.execute_batch(&journal).is_err() {
        return StatusCode::CONFLICT;
    }
    info!(loan = renewal.loan, days = renewal.days, "renewed");
    StatusCode::NO_CONTENT
}

pub async fn one(State(repo): State<Arc<Repository>>, Path(id): Path<String>) -> Result<Json<String>, StatusCode> {
    let connection = repo.connection.lock().expect("poisoned");
    let title: Option<String> = connection
        .query_row("SELECT title FROM open_loans WHERE id = ?1", [&id], |row| row.get(0))
        .optional()
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    title.map(Json).ok_or(StatusCode::NOT_FOUND)
}

pub async fn drop_one(State(repo): State<Arc<Repository>>, Path(id): Path<String>) -> StatusCode {
    let connection = repo.connection.lock().expect("poisoned");
    match connection.execute(&format!("DELETE FROM open_loans WHERE id = {id}"), []) {
        Ok(1) => StatusCode::NO_CONTENT,
        _ => StatusCode::NOT_FOUND,
    }
}

pub async fn sizes(State(repo): State<Arc<Repository>>) -> Result<Json<Vec<i64>>, StatusCode> {
    let sizes = [Shelf::Open, Shelf::Closed].map(|shelf| repo.size(shelf).unwrap_or(0));
    let titles = repo.by_ids(&sizes).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    info!(titles = titles.len(), "counted");
    Ok(Json(sizes.to_vec()))
}

pub fn sign_in(card: u32, password: &str) -> bool {
    warn!("reader {card} tried password {password}");
    info!("reader {card} tried a password of {} characters", password.len());
    !password.is_empty()
}
