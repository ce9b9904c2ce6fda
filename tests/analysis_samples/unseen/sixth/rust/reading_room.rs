use actix_web::{get, web, HttpRequest, HttpResponse, Responder};
use diesel::{
    prelude::*,
    r2d2::{ConnectionManager, Pool},
    sql_query,
    sql_types::{Integer, Text},
};
use fancy_regex::Regex;
use serde::Deserialize;
use std::{fs::File, io::{Read, Write}, path::Path};
use tera::{Context, Tera};
use tokio_postgres::Client as PgClient;

type Db = Pool<ConnectionManager<PgConnection>>;

mod schema {
    diesel::table! {
        titles (id) {
            id -> Integer,
            title -> Text,
            author -> Text,
        }
    }
}
use schema::titles;

#[derive(QueryableByName, serde::Serialize)]
struct Title {
    #[diesel(sql_type = Integer)]
    id: i32,
    #[diesel(sql_type = Text)]
    title: String,
}

#[derive(Deserialize)]
struct Search {
    author: String,
    year: Option<i32>,
    text: Option<String>,
}

struct Views {
    tera: Tera,
}

const STAMP: &str = "Reading room of {{ town }}";

fn reader_dir(reader: u32) -> String {
    format!("/srv/readingroom/{reader}")
}

#[get("/titles")]
async fn by_author(db: web::Data<Db>, q: web::Query<Search>) -> impl Responder {
    let Ok(mut c) = db.get() else { return HttpResponse::ServiceUnavailable().finish() };
    let found: Vec<String> = titles::table
        .filter(titles::author.eq(&q.author))
        .select(titles::title)
        .load(&mut c)
        .unwrap_or_default();
    HttpResponse::Ok().json(found)
}

#[get("/titles/raw")]
async fn by_author_raw(db: web::Data<Db>, q: web::Query<Search>) -> impl Responder {
    let Ok(mut c) = db.get() else { return HttpResponse::ServiceUnavailable().finish() };
    let statement = "SELECT id, title FROM titles WHERE author = '".to_string() + &q.author + "'";
    let found = sql_query(statement).load::<Title>(&mut c).unwrap_or_default();
    HttpResponse::Ok().json(found)
}

#[get("/titles/bound")]
async fn by_author_bound(db: web::Data<Db>, q: web::Query<Search>) -> impl Responder {
    let Ok(mut c) = db.get() else { return HttpResponse::ServiceUnavailable().finish() };
    let found = sql_query("SELECT id, title FROM titles WHERE author = $1 AND year = $2")
        .bind::<Text, _>(&q.author)
        .bind::<Integer, _>(q.year.unwrap_or(0))
        .load::<Title>(&mut c)
        .unwrap_or_default();
    HttpResponse::Ok().json(found)
}

#[get("/loans")]
async fn loans(pg: web::Data<PgClient>, req: HttpRequest) -> impl Responder {
    let reader = req.headers().get("x-reader").and_then(|v| v.to_str().ok()).unwrap_or("");
    let sql = format!("SELECT count(*) FROM loans WHERE reader = '{}'", reader);
    match pg.query_one(sql.as_str(), &[]).await {
        Ok(row) => HttpResponse::Ok().json(row.get::<_, i64>(0)),
        Err(_) => HttpResponse::BadGateway().finish(),
    }
}

#[get("/loans/{reader}")]
async fn loans_of(pg: web::Data<PgClient>, reader: web::Path<String>) -> impl Responder {
    match pg.query_one("SELECT count(*) FROM loans WHERE reader = $1", &[&reader.into_inner()]).await {
        Ok(row) => HttpResponse::Ok().json(row.get::<_, i64>(0)),
        Err(_) => HttpResponse::BadGateway().finish(),
    }
}

#[get("/card")]
async fn card(views: web::Data<Views>, q: web::Query<Search>) -> impl Responder {
    let mut ctx = Context::new();
    ctx.insert("author", &q.author);
    ctx.insert("text", &q.text);
    match views.tera.render("card.html", &ctx) {
        Ok(page) => HttpResponse::Ok().content_type("text/html").body(page),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

#[get("/stamp")]
async fn stamp(q: web::Query<Search>) -> impl Responder {
    let mut ctx = Context::new();
    ctx.insert("town", &q.author);
    let fixed = Tera::one_off(STAMP, &ctx, true).unwrap_or_default();
    let layout = q.text.clone().unwrap_or_default();
    let own = Tera::one_off(&layout, &ctx, true).unwrap_or_default();
    HttpResponse::Ok().content_type("text/plain").body(fixed + &own)
}

#[get("/hello")]
async fn hello(q: web::Query<Search>) -> impl Responder {
    let author = &q.author;
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(format!("<p>No titles by <em>{author}</em></p>"))
}

#[get("/hello/safe")]
async fn hello_safe(q: web::Query<Search>) -> impl Responder {
    let author = ammonia::clean_text(&q.author);
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(format!("<p>No titles by <em>{author}</em></p>"))
}

#[get("/grep")]
async fn grep(q: web::Query<Search>) -> impl Responder {
    let shelf_mark = Regex::new(r"^(?!X)[A-Z]{2}\d{4}$").expect("static pattern");
    let Ok(re) = Regex::new(&q.author) else { return HttpResponse::BadRequest().finish() };
    let literal = Regex::new(&fancy_regex::escape(&q.author)).expect("escaped pattern");
    let text = q.text.as_deref().unwrap_or("");
    let hits = [shelf_mark, re, literal].iter().filter(|r| r.is_match(text).unwrap_or(false)).count();
    HttpResponse::Ok().json(hits)
}

#[get("/annotations/{reader}")]
async fn annotations(reader: web::Path<u32>, q: web::Query<Search>) -> impl Responder {
    let dir = reader_dir(reader.into_inner());
    let mut text = String::new();
    let mut own = String::new();
    if File::open(format!("{dir}/index.txt")).and_then(|mut f| f.read_to_string(&mut text)).is_err() {
        return HttpResponse::NotFound().finish();
    }
    let opened = File::open(format!("{dir}/{}", q.author));
    if opened.and_then(|mut f| f.read_to_string(&mut own)).is_err() {
        return HttpResponse::NotFound().finish();
    }
    HttpResponse::Ok().content_type("text/plain").body(text + &own)
}

#[get("/return")]
async fn return_to(q: web::Query<Search>) -> impl Responder {
    let target = q.text.clone().unwrap_or_else(|| "/".into());
    HttpResponse::Found().insert_header(("Location", target)).finish()
}

#[get("/return/home")]
async fn return_home() -> impl Responder {
    HttpResponse::Found().insert_header(("Location", "/")).finish()
}

pub fn unpack(archive: &Path, target: &Path) -> zip::result::ZipResult<()> {
    let mut zip = zip::ZipArchive::new(File::open(archive)?)?;
    for i in 0..zip.len() {
        let entry = zip.by_index(i)?;
        let out = target.join(entry.name());
        let mut file = File::create(out)?;
        std::io::copy(&mut entry.take(8 << 20), &mut file)?;
    }
    Ok(())
}

pub fn unpack_checked(archive: &Path, target: &Path) -> zip::result::ZipResult<()> {
    let mut zip = zip::ZipArchive::new(File::open(archive)?)?;
    for i in 0..zip.len() {
        let entry = zip.by_index(i)?;
        let Some(name) = entry.enclosed_name() else { continue };
        let mut file = File::create(target.join(name))?;
        std::io::copy(&mut entry.take(8 << 20), &mut file)?;
        file.flush()?;
    }
    Ok(())
}

pub fn configure(cfg: &mut web::ServiceConfig) {
    cfg.service(by_author).service(by_author_raw).service(by_author_bound);
    cfg.service(loans).service(loans_of).service(card).service(stamp);
    cfg.service(hello).service(hello_safe).service(grep).service(annotations);
    cfg.service(return_to).service(return_home);
}
