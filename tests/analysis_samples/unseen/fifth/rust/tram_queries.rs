//! Timetables of a tram company.

use std::borrow::Cow;
use std::collections::BTreeSet;

use axum::extract::{Json, Path, Query};
use axum::http::{HeaderMap, StatusCode};
use mongodb::bson::{doc, Document};
use mongodb::Collection;
use mysql_async::prelude::Queryable;
use mysql_async::{params, OptsBuilder, Pool, SslOpts};
use postgres_openssl::MakeTlsConnector;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, FromQueryResult, Statement};
use serde::Deserialize;
use tokio_postgres::{types::ToSql, Client, NoTls};

#[derive(Deserialize, Clone)]
pub struct Ride {
    line: String,
    stop: String,
    minutes: Option<u32>,
}

#[derive(FromQueryResult)]
pub struct Departure {
    at: String,
}

#[derive(Debug, Clone, Copy)]
enum Day {
    Week,
    Sunday,
}

impl Day {
    fn table(self) -> &'static str {
        match self {
            Day::Week => "departure_week",
            Day::Sunday => "departure_sunday",
        }
    }
}

struct Question {
    text: String,
}

impl From<&Ride> for Question {
    fn from(r: &Ride) -> Self {
        Question { text: format!("SELECT at FROM departure WHERE line = '{}'", r.line) }
    }
}

pub async fn connect(tls: MakeTlsConnector) -> Result<Client, Box<dyn std::error::Error>> {
    let url = std::env::var("TIMETABLE_DATABASE")?;
    let (client, link) = tokio_postgres::connect(&url, tls).await?;
    tokio::spawn(link);
    Ok(client)
}

pub async fn connect_plainly() -> Result<Client, Box<dyn std::error::Error>> {
    let url = std::env::var("TIMETABLE_REPLICA")?;
    let (client, link) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(link);
    Ok(client)
}

pub fn fares(user: String, password: String) -> Pool {
    let ssl = SslOpts::default().with_danger_accept_invalid_certs(true);
    Pool::new(OptsBuilder::default().ip_or_hostname("fares.tram.example").user(Some(user)).pass(Some(password)).ssl_opts(ssl))
}

pub fn fares_checked(user: String, password: String) -> Pool {
    let ssl = SslOpts::default().with_danger_accept_invalid_certs(false);
    Pool::new(OptsBuilder::default().ip_or_hostname("fares.tram.example").user(Some(user)).pass(Some(password)).ssl_opts(ssl))
}

// ---- tokio-postgres

pub async fn by_line(c: &Client, Query(r): Query<Ride>) -> Result<usize, StatusCode> {
    let rows = c.query("SELECT at FROM departure WHERE line = $1 AND stop = $2", &[&r.line, &r.stop]).await;
    rows.map(|r| r.len()).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

pub async fn by_question(c: &Client, Query(r): Query<Ride>) -> Result<usize, StatusCode> {
    let q: Question = (&r).into();
    c.simple_query(&q.text).await.map(|r| r.len()).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

pub async fn by_minutes(c: &Client, Query(r): Query<Ride>) -> Result<(), StatusCode> {
    let sql = format!("DELETE FROM hold WHERE age > interval '{} minutes'", r.minutes.unwrap_or(30));
    c.batch_execute(&sql).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

pub async fn by_stop(c: &Client, Path(stop): Path<String>) -> Result<u64, StatusCode> {
    let stop: Cow<'_, str> = if stop.is_empty() { Cow::Borrowed("centre") } else { Cow::Owned(stop) };
    c.execute(&*format!("UPDATE stop SET asked = asked + 1 WHERE name = '{stop}'"), &[]).await.map_err(|_| StatusCode::BAD_REQUEST)
}

pub async fn by_day(c: &Client, Query(r): Query<Ride>, headers: HeaderMap) -> Result<usize, StatusCode> {
    let day = match headers.get("x-day").map(|v| v.as_bytes()) {
        Some(b"sunday") => Day::Sunday,
        _ => Day::Week,
    };
    let rows = c.query(&format!("SELECT at FROM {} WHERE line = $1", day.table()), &[&r.line]).await;
    rows.map(|r| r.len()).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

pub async fn by_header(c: &Client, headers: HeaderMap) -> Result<usize, StatusCode> {
    let table = headers.get("x-table").and_then(|v| v.to_str().ok()).unwrap_or("departure");
    let rows = c.query(&format!("SELECT at FROM {table}"), &[]).await;
    rows.map(|r| r.len()).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

pub async fn by_lines(c: &Client, Json(lines): Json<BTreeSet<String>>) -> Result<usize, StatusCode> {
    let mut sql = String::from("SELECT at FROM departure WHERE line IN (");
    let mut values: Vec<&(dyn ToSql + Sync)> = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        sql += &format!("{}${}", if i > 0 { "," } else { "" }, i + 1);
        values.push(line);
    }
    sql.push(')');
    c.query(&sql, &values).await.map(|r| r.len()).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

pub async fn by_lines_joined(c: &Client, Json(lines): Json<BTreeSet<String>>) -> Result<usize, StatusCode> {
    let list = lines.into_iter().map(|l| format!("'{l}'")).reduce(|a, b| a + "," + &b).unwrap_or_default();
    c.query(&("SELECT at FROM departure WHERE line IN (".to_owned() + &list + ")"), &[]).await.map(|r| r.len()).map_err(|_| StatusCode::BAD_REQUEST)
}

// ---- MySQL

pub async fn fare(pool: &Pool, Query(r): Query<Ride>) -> mysql_async::Result<Option<u32>> {
    let mut con = pool.get_conn().await?;
    con.exec_first("SELECT cents FROM fare WHERE stop = :stop", params! { "stop" => r.stop }).await
}

pub async fn fare_to(pool: &Pool, Query(r): Query<Ride>) -> mysql_async::Result<Option<u32>> {
    let mut con = pool.get_conn().await?;
    con.query_first(format!("SELECT cents FROM fare WHERE stop = '{}'", r.stop)).await
}

// ---- SeaORM

pub async fn orm(db: &DatabaseConnection, Query(r): Query<Ride>) -> Result<Vec<Departure>, sea_orm::DbErr> {
    let st = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT at FROM departure WHERE line = $1", [r.line.into()]);
    Departure::find_by_statement(st).all(db).await
}

pub async fn orm_text(db: &DatabaseConnection, Query(r): Query<Ride>) -> Result<u64, sea_orm::DbErr> {
    let sql = format!("UPDATE departure SET late = true WHERE line = '{}' AND stop = '{}'", r.line, r.stop);
    db.execute_unprepared(&sql).await.map(|r| r.rows_affected())
}

// ---- the lost property office

pub async fn lost(found: &Collection<Document>, Json(filter): Json<Document>) -> mongodb::error::Result<u64> {
    found.count_documents(filter).await
}

pub async fn lost_on(found: &Collection<Document>, Query(r): Query<Ride>) -> mongodb::error::Result<u64> {
    found.count_documents(doc! { "line": &r.line, "stop": { "$eq": &r.stop } }).await
}
