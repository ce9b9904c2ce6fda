use std::{path::{Path, PathBuf}, time::Duration};

use futures::TryStreamExt;
use ldap3::{ldap_escape, LdapConn, LdapConnSettings, Scope, SearchEntry};
use mongodb::{bson::{doc, Document}, Collection};
use rhai::{Engine, EvalAltResult};
use rocket::{
    fairing::AdHoc, fs::NamedFile, get, http::{Cookie, CookieJar, SameSite, Status}, post, response::{content::RawHtml, Redirect},
    routes, serde::json::Json, Build, Rocket, State,
};
use rocket_db_pools::{sqlx, Connection, Database};
use subprocess::Exec;

#[derive(Database)]
#[database("stations")]
pub struct Stations(sqlx::PgPool);

pub struct Readings(Collection<Document>);

const CHARTS: &str = "/srv/weather/charts";
const OBSERVERS: &str = "ou=observers,dc=weather,dc=example";
const MONTHS: [&str; 3] = ["june", "july", "august"];

#[get("/stations?<name>")]
async fn by_name(mut db: Connection<Stations>, name: &str) -> Result<Json<Vec<i64>>, Status> {
    sqlx::query_scalar("SELECT id FROM stations WHERE name = $1")
        .bind(name)
        .fetch_all(&mut **db)
        .await
        .map(Json)
        .map_err(|_| Status::BadGateway)
}

#[get("/stations/near?<place>")]
async fn near(mut db: Connection<Stations>, place: String) -> Result<Json<Vec<i64>>, Status> {
    let filter = format!(" WHERE place ILIKE '%{}%'", place);
    let statement = format!("SELECT id FROM stations{filter}");
    sqlx::query_scalar(&statement)
        .fetch_all(&mut **db)
        .await
        .map(Json)
        .map_err(|_| Status::BadGateway)
}

#[get("/stations/<id>/height")]
async fn height(mut db: Connection<Stations>, id: u32) -> Result<Json<i64>, Status> {
    sqlx::query_scalar(&format!("SELECT height FROM stations WHERE id = {id}"))
        .fetch_one(&mut **db)
        .await
        .map(Json)
        .map_err(|_| Status::NotFound)
}

#[get("/readings?<station>")]
async fn readings(store: &State<Readings>, station: &str) -> Result<Json<Vec<Document>>, Status> {
    let cursor = store.0.find(doc! { "station": station, "valid": true }).await.map_err(|_| Status::BadGateway)?;
    cursor.try_collect().await.map(Json).map_err(|_| Status::BadGateway)
}

#[post("/readings/query", data = "<filter>")]
async fn query_readings(store: &State<Readings>, filter: Json<Document>) -> Result<Json<Vec<Document>>, Status> {
    let filter = filter.into_inner();
    let cursor = store.0.find(filter).await.map_err(|_| Status::BadGateway)?;
    cursor.try_collect().await.map(Json).map_err(|_| Status::BadGateway)
}

#[get("/readings/above?<level>")]
async fn above(store: &State<Readings>, level: &str) -> Result<Json<u64>, Status> {
    let clause = format!("this.level > {level}");
    store.0.count_documents(doc! { "$where": clause }).await.map(Json).map_err(|_| Status::BadGateway)
}

fn directory() -> ldap3::result::Result<LdapConn> {
    LdapConn::with_settings(LdapConnSettings::new().set_conn_timeout(Duration::from_secs(5)), "ldaps://directory.weather.example")
}

fn plain_directory() -> ldap3::result::Result<LdapConn> {
    LdapConn::with_settings(LdapConnSettings::new().set_conn_timeout(Duration::from_secs(5)), "ldap://directory.weather.example")
}

#[get("/observers?<uid>")]
fn observer(uid: &str) -> Result<Json<Vec<String>>, Status> {
    let mut conn = directory().map_err(|_| Status::BadGateway)?;
    let filter = format!("(uid={})", ldap_escape(uid));
    let (entries, _) = conn
        .search(OBSERVERS, Scope::OneLevel, &filter, vec!["cn"])
        .and_then(|r| r.success())
        .map_err(|_| Status::BadGateway)?;
    Ok(Json(entries.into_iter().map(|e| SearchEntry::construct(e).dn).collect()))
}

#[get("/observers/of?<station>")]
fn observers_of(station: &str) -> Result<Json<usize>, Status> {
    let mut conn = plain_directory().map_err(|_| Status::BadGateway)?;
    let filter = format!("(&(objectClass=person)(station={station}))");
    let found = conn.search(OBSERVERS, Scope::OneLevel, &filter, vec!["cn"]).map_err(|_| Status::BadGateway)?;
    Ok(Json(found.0.len()))
}

#[get("/charts?<file>")]
async fn chart(file: &str) -> Option<NamedFile> {
    NamedFile::open(Path::new(CHARTS).join(file)).await.ok()
}

#[get("/charts/<file..>")]
async fn chart_tree(file: PathBuf) -> Option<NamedFile> {
    NamedFile::open(Path::new(CHARTS).join(file)).await.ok()
}

#[get("/charts/month?<name>")]
async fn month(name: &str) -> Option<NamedFile> {
    if !MONTHS.contains(&name) {
        return None;
    }
    NamedFile::open(format!("{CHARTS}/{name}.png")).await.ok()
}

#[get("/formula?<expr>")]
fn formula(expr: &str) -> Result<String, Status> {
    let mut engine = Engine::new();
    engine.set_max_operations(50_000);
    let base: Result<i64, Box<EvalAltResult>> = engine.eval("40 + 2");
    let own: Result<i64, Box<EvalAltResult>> = engine.eval(expr);
    Ok(format!("{}/{}", base.unwrap_or(0), own.unwrap_or(0)))
}

#[get("/plot?<series>")]
fn plot(series: &str) -> Result<Vec<u8>, Status> {
    let line = format!("gnuplot -e \"series='{series}'\" /srv/weather/plot.gp");
    let run = Exec::shell(line);
    run.capture().map(|c| c.stdout).map_err(|_| Status::BadGateway)
}

#[get("/plot/all")]
fn plot_all() -> Result<Vec<u8>, Status> {
    Exec::shell("gnuplot /srv/weather/all.gp | gzip -9").capture().map(|c| c.stdout).map_err(|_| Status::BadGateway)
}

#[get("/card?<title>")]
fn card(title: &str) -> RawHtml<String> {
    RawHtml(format!("<article><h2>{title}</h2></article>"))
}

#[get("/card/safe?<title>")]
fn card_safe(title: &str) -> RawHtml<String> {
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    RawHtml(format!("<article><h2>{title}</h2></article>"))
}

#[get("/continue?<to>")]
fn proceed(to: String) -> Redirect {
    Redirect::found(to)
}

#[get("/continue/map")]
fn proceed_map() -> Redirect {
    Redirect::found("/map")
}

#[get("/observe")]
fn observe(jar: &CookieJar<'_>) -> Status {
    let id = uuid::Uuid::new_v4().to_string();
    jar.add(Cookie::build(("observer_session", id.clone())).secure(true).http_only(true).same_site(SameSite::Strict));
    jar.add(Cookie::build(("observer_backup_session", id)).secure(true).http_only(false).same_site(SameSite::Strict));
    Status::NoContent
}

pub fn mount(rocket: Rocket<Build>, readings: Readings) -> Rocket<Build> {
    rocket
        .manage(readings)
        .attach(Stations::init())
        .attach(AdHoc::on_liftoff("ready", |_| Box::pin(async { tracing::info!("stations mounted") })))
        .mount("/", routes![by_name, near, height, readings, query_readings, above, observer, observers_of])
        .mount("/", routes![chart, chart_tree, month, formula, plot, plot_all, card, card_safe])
        .mount("/", routes![proceed, proceed_map, observe])
}
