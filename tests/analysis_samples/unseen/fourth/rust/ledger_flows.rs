//! Questions which the harbour's ledger is asked.

use std::collections::HashMap;
use std::fmt::Write as _;

use actix_web::{get, post, web, HttpRequest, HttpResponse};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::{sql_query, SqliteConnection};
use rusqlite::{named_params, params_from_iter, Connection, ToSql};
use serde::Deserialize;

const SELECT: &str = "SELECT id, vessel FROM berth";

#[derive(Deserialize)]
struct Ask {
    vessel: String,
    quay: Option<String>,
    limit: Option<u8>,
    desc: Option<bool>,
}

#[derive(QueryableByName)]
struct Berth {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    vessel: String,
}

struct Ledger {
    con: Connection,
    remembered: String,
}

fn quoted(v: &str) -> String {
    format!("'{}'", v)
}

fn order(desc: Option<bool>) -> &'static str {
    if desc.unwrap_or(false) {
        " ORDER BY id DESC"
    } else {
        " ORDER BY id"
    }
}

impl Ledger {
    fn direct(&self, a: web::Query<Ask>) -> rusqlite::Result<usize> {
        self.con.execute(&format!("DELETE FROM berth WHERE vessel = '{}'", a.vessel), [])
    }

    fn bound(&self, a: web::Query<Ask>) -> rusqlite::Result<usize> {
        self.con.execute("DELETE FROM berth WHERE vessel = ?1", [&a.vessel])
    }

    fn named(&self, a: web::Query<Ask>) -> rusqlite::Result<usize> {
        let mut st = self.con.prepare("UPDATE berth SET quay = :quay WHERE vessel = :vessel")?;
        st.execute(named_params! { ":quay": a.quay, ":vessel": a.vessel })
    }

    fn written(&self, a: web::Query<Ask>) -> rusqlite::Result<()> {
        let mut sql = String::from(SELECT);
        write!(sql, " WHERE vessel LIKE '{}%'", a.vessel).expect("string");
        if let Some(n) = a.limit {
            let _ = write!(sql, " LIMIT {n}");
        }
        self.con.execute_batch(&sql)
    }

    fn limited(&self, a: web::Query<Ask>) -> rusqlite::Result<()> {
        let sql = format!("{SELECT}{} LIMIT {}", order(a.desc), a.limit.unwrap_or(20));
        self.con.execute_batch(&sql)
    }

    fn collected(&self, form: web::Form<HashMap<String, String>>) -> rusqlite::Result<usize> {
        let parts: Vec<String> = form.iter().map(|(k, v)| format!("{k} = {}", quoted(v))).collect();
        let sql = format!("UPDATE berth SET {} WHERE id = 1", parts.join(", "));
        self.con.execute(&sql, [])
    }

    fn collected_bound(&self, form: web::Form<HashMap<String, String>>) -> rusqlite::Result<usize> {
        let mut sets = Vec::new();
        let mut values: Vec<&dyn ToSql> = Vec::new();
        for column in ["vessel", "quay"] {
            if let Some(v) = form.get(column) {
                sets.push(format!("{column} = ?"));
                values.push(v);
            }
        }
        self.con.execute(&format!("UPDATE berth SET {} WHERE id = 1", sets.join(", ")), params_from_iter(values))
    }

    fn remember(&mut self, req: &HttpRequest) {
        self.remembered = req.headers().get("x-quay").and_then(|h| h.to_str().ok()).unwrap_or("").to_string();
    }

    fn remembered_count(&self) -> rusqlite::Result<i64> {
        self.con.query_row(&("SELECT count(*) FROM berth WHERE quay = ".to_owned() + &quoted(&self.remembered)), [], |r| r.get(0))
    }

    fn constant_count(&self) -> rusqlite::Result<i64> {
        let sql = "SELECT count(*) FROM berth WHERE quay = ".to_owned() + &quoted("north");
        self.con.query_row(&sql, [], |r| r.get(0))
    }

    fn pick(&self, a: &Ask) -> rusqlite::Result<i64> {
        let table = match a.quay.as_deref() {
            Some("north") => "berth_north",
            Some("south") => "berth_south",
            _ => "berth",
        };
        self.con.query_row(&format!("SELECT count(*) FROM {table} WHERE vessel = ?"), [&a.vessel], |r| r.get(0))
    }
}

#[get("/berths/raw")]
async fn raw(q: web::Query<Ask>, con: web::Data<std::sync::Mutex<SqliteConnection>>) -> HttpResponse {
    let mut con = con.lock().unwrap();
    let sql = [SELECT, " WHERE quay = '", q.quay.as_deref().unwrap_or("north"), "'"].concat();
    let rows: Vec<Berth> = sql_query(sql).load(&mut *con).unwrap_or_default();
    HttpResponse::Ok().json(rows.iter().map(|b| (b.id, &b.vessel)).collect::<Vec<_>>())
}

#[get("/berths/bound")]
async fn bound(q: web::Query<Ask>, con: web::Data<std::sync::Mutex<SqliteConnection>>) -> HttpResponse {
    let mut con = con.lock().unwrap();
    let rows: Vec<Berth> = sql_query("SELECT id, vessel FROM berth WHERE vessel = ?").bind::<Text, _>(&q.vessel).load(&mut *con).unwrap_or_default();
    HttpResponse::Ok().json(rows.len())
}

#[post("/berths/{id}/leave")]
async fn leave(id: web::Path<i64>, con: web::Data<std::sync::Mutex<SqliteConnection>>) -> HttpResponse {
    let mut con = con.lock().unwrap();
    let done = sql_query(format!("UPDATE berth SET vessel = NULL WHERE id = {}", id)).execute(&mut *con);
    match done {
        Ok(_) => HttpResponse::NoContent().finish(),
        Err(_) => HttpResponse::InternalServerError().body("not done"),
    }
}

#[post("/berths/{name}/rename")]
async fn rename(path: web::Path<String>, body: web::Json<Ask>, con: web::Data<std::sync::Mutex<SqliteConnection>>) -> HttpResponse {
    let (old, new) = (path.into_inner(), &body.vessel);
    let mut con = con.lock().unwrap();
    let done = diesel::sql_query(format!("UPDATE berth SET vessel = {new:?} WHERE vessel = {old:?}")).execute(&mut *con);
    HttpResponse::Ok().json(done.unwrap_or(0))
}
