#[macro_use]
extern crate rocket;

use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use rocket::form::Form;
use rocket::fs::{NamedFile, TempFile};
use rocket::http::{Cookie, CookieJar, Header, SameSite, Status};
use rocket::response::content::{RawHtml, RawText};
use rocket::response::Redirect;
use rocket::serde::json::Json;
use rocket_sync_db_pools::database;
use std::path::{Path, PathBuf};

#[database("festival")]
struct Db(diesel::PgConnection);

diesel::table! {
    acts (id) {
        id -> Integer,
        name -> Text,
        stage -> Text,
    }
}

#[derive(QueryableByName, Queryable, serde::Serialize)]
struct Act {
    #[diesel(sql_type = Integer)]
    id: i32,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(FromForm)]
struct Proposal<'r> {
    name: String,
    stage: String,
    poster: TempFile<'r>,
}

#[derive(Responder)]
struct Framed {
    inner: RawText<&'static str>,
    policy: Header<'static>,
}

#[get("/acts?<stage>")]
async fn acts(db: Db, stage: String) -> Option<Json<Vec<Act>>> {
    let found = db
        .run(move |c| {
            let sql = format!("SELECT id, name FROM acts WHERE stage = '{}'", stage);
            diesel::sql_query(sql).load::<Act>(c)
        })
        .await;
    found.ok().map(Json)
}

#[get("/acts/named?<name>")]
async fn acts_named(db: Db, name: String) -> Option<Json<Vec<Act>>> {
    let found = db
        .run(move |c| {
            diesel::sql_query("SELECT id, name FROM acts WHERE name = $1")
                .bind::<Text, _>(name)
                .load::<Act>(c)
        })
        .await;
    found.ok().map(Json)
}

#[get("/acts/on?<on>&<above>")]
async fn acts_on(db: Db, on: String, above: i32) -> Option<Json<Vec<Act>>> {
    let found = db
        .run(move |c| {
            acts::table
                .filter(acts::stage.eq(on))
                .filter(diesel::dsl::sql::<diesel::sql_types::Bool>(&format!("id > {above}")))
                .select((acts::id, acts::name))
                .load::<Act>(c)
        })
        .await;
    found.ok().map(Json)
}

#[post("/proposals", data = "<form>")]
async fn propose(db: Db, mut form: Form<Proposal<'_>>) -> Status {
    if form.poster.len() > 1_000_000 || form.poster.content_type().map_or(true, |t| !t.is_png()) {
        return Status::UnsupportedMediaType;
    }
    if form.poster.persist_to("/srv/festival/posters/incoming.png").await.is_err() {
        return Status::InternalServerError;
    }
    let (name, stage) = (form.name.clone(), form.stage.clone());
    let done = db
        .run(move |c| {
            diesel::insert_into(acts::table)
                .values((acts::name.eq(&name), acts::stage.eq(&stage)))
                .execute(c)?;
            let statement = ["UPDATE stages SET busy = true WHERE name = '", &stage, "'"].concat();
            diesel::sql_query(statement).execute(c)
        })
        .await;
    if done.is_ok() { Status::Created } else { Status::Conflict }
}

#[get("/hello/<name>")]
fn hello(name: &str) -> RawHtml<String> {
    RawHtml(format!("<p>Hello {name}</p>"))
}

#[get("/hello/text/<name>")]
fn hello_text(name: &str) -> RawText<String> {
    RawText(format!("<p>Hello {name}</p>"))
}

#[get("/count/<n>")]
fn count(n: u16) -> RawHtml<String> {
    RawHtml(format!("<p>{n} visitors</p>"))
}

#[get("/onward?<to>")]
fn onward(to: String) -> Redirect {
    Redirect::to(to)
}

#[get("/onward/acts?<stage>")]
fn onward_acts(stage: String) -> Redirect {
    Redirect::to(uri!(acts(stage)))
}

#[get("/posters/<file..>")]
async fn poster(file: PathBuf) -> Option<NamedFile> {
    NamedFile::open(Path::new("/srv/festival/posters").join(file)).await.ok()
}

#[get("/leaflets?<file>")]
async fn leaflet(file: &str) -> Option<NamedFile> {
    NamedFile::open(Path::new("/srv/festival/leaflets").join(file)).await.ok()
}

#[get("/enter")]
fn enter(jar: &CookieJar<'_>) -> Status {
    jar.add_private(
        Cookie::build(("wristband", "blue"))
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Strict),
    );
    jar.add(
        Cookie::build(("field", "north"))
            .secure(true)
            .http_only(false)
            .same_site(SameSite::Lax),
    );
    Status::NoContent
}

#[get("/widget")]
fn widget() -> Framed {
    let policy = Header::new("Content-Security-Policy", "script-src 'self' 'unsafe-inline'; frame-ancestors 'none'");
    Framed { inner: RawText("widget"), policy }
}

#[launch]
fn rocket() -> _ {
    rocket::build().attach(Db::fairing()).mount(
        "/",
        routes![acts, acts_named, acts_on, propose, hello, hello_text, count, onward, onward_acts, poster, leaflet, enter, widget],
    )
}
