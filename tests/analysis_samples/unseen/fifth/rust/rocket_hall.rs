//! Bookings of a village hall.

#[macro_use]
extern crate rocket;

use std::path::{Path, PathBuf};

use rocket::data::{Limits, ToByteUnit};
use rocket::fairing::{Fairing, Info, Kind};
use rocket::form::Form;
use rocket::fs::{FileServer, NamedFile, TempFile};
use rocket::http::{ContentType, Cookie, CookieJar, Header, SameSite, Status};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::{content::RawHtml, status, Redirect};
use rocket::serde::json::Json;
use rocket::{Build, Response, Rocket};
use rocket_db_pools::{sqlx, Connection, Database};
use rocket_dyn_templates::{context, Template};
use sqlx::{QueryBuilder, Sqlite};

#[derive(Database)]
#[database("hall")]
struct Hall(sqlx::SqlitePool);

struct CaretakerKey(String);

#[derive(FromForm)]
struct Booking<'r> {
    who: &'r str,
    room: &'r str,
    chairs: u16,
}

#[derive(FromForm)]
struct Plan<'r> {
    drawing: TempFile<'r>,
}

struct Caretaker;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Caretaker {
    type Error = ();

    async fn from_request(req: &'r Request<'_>) -> Outcome<Self, ()> {
        let expected = &req.rocket().state::<CaretakerKey>().expect("managed").0;
        let secret = req.headers().get_one("X-Caretaker-Secret").unwrap_or("");
        if secret == expected {
            Outcome::Success(Caretaker)
        } else {
            Outcome::Forward(Status::Forbidden)
        }
    }
}

struct Doors;

#[rocket::async_trait]
impl Fairing for Doors {
    fn info(&self) -> Info {
        Info { name: "doors", kind: Kind::Response }
    }

    async fn on_response<'r>(&self, req: &'r Request<'_>, res: &mut Response<'r>) {
        res.set_header(Header::new("X-Content-Type-Options", "nosniff"));
        res.set_header(Header::new("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"));
        if req.uri().path().starts_with("/calendar") {
            res.set_header(Header::new("Access-Control-Allow-Origin", "*"));
        } else if req.headers().get_one("Origin") == Some("https://parish.example") {
            res.set_header(Header::new("Access-Control-Allow-Origin", "https://parish.example"));
        }
    }
}

#[get("/bookings?<who>&<sort>")]
async fn bookings(mut db: Connection<Hall>, who: &str, sort: Option<&str>) -> Json<usize> {
    let column = if sort == Some("room") { "room" } else { "day" };
    let rows = sqlx::query(&format!("SELECT * FROM booking WHERE who = ? ORDER BY {column}")).bind(who).fetch_all(&mut **db).await;
    Json(rows.map(|r| r.len()).unwrap_or(0))
}

#[get("/bookings/room?<room>")]
async fn by_room(mut db: Connection<Hall>, room: String) -> Json<usize> {
    let mut q = QueryBuilder::<Sqlite>::new("SELECT * FROM booking WHERE room = '");
    q.push(room).push("'");
    Json(q.build().fetch_all(&mut **db).await.map(|r| r.len()).unwrap_or(0))
}

#[get("/bookings/rooms?<room>")]
async fn by_rooms(mut db: Connection<Hall>, room: Vec<String>) -> Json<usize> {
    let mut q = QueryBuilder::<Sqlite>::new("SELECT * FROM booking WHERE room IN (");
    let mut list = q.separated(", ");
    for r in room {
        list.push_bind(r);
    }
    list.push_unseparated(")");
    Json(q.build().fetch_all(&mut **db).await.map(|r| r.len()).unwrap_or(0))
}

#[post("/bookings", data = "<form>")]
async fn book(mut db: Connection<Hall>, jar: &CookieJar<'_>, form: Form<Booking<'_>>) -> Result<Redirect, status::Custom<&'static str>> {
    warn!("booking for {}", form.who);
    warn!("booking for {} chairs", form.chairs);
    let sql = format!("INSERT INTO booking(who, room, chairs) VALUES ('{}', 'main', {})", form.who, form.chairs);
    if form.room == "main" {
        sqlx::query(&sql).execute(&mut **db).await.map_err(|_| status::Custom(Status::InternalServerError, "not booked"))?;
    }
    jar.add(Cookie::build(("booked", "1")).secure(true).http_only(true).same_site(SameSite::Strict));
    jar.add_private(
        Cookie::build(("room", form.room.to_owned()))
            .secure(false)
            .http_only(true)
            .same_site(SameSite::Lax),
    );
    Ok(Redirect::to(uri!(thanks)))
}

#[get("/thanks")]
fn thanks() -> Template {
    Template::render("thanks", context! { hall: "Upper Green" })
}

#[get("/notice?<text>")]
fn notice(text: &str) -> RawHtml<String> {
    RawHtml(format!("<div class=notice>{text}</div>"))
}

#[get("/notice/page?<text>")]
fn notice_page(text: &str) -> Template {
    Template::render("notice", context! { text })
}

#[get("/notice/plain?<text>")]
fn notice_plain(text: String) -> (ContentType, String) {
    (ContentType::Plain, text)
}

#[get("/plan?<file>")]
async fn plan(file: &str) -> Option<NamedFile> {
    NamedFile::open(format!("/srv/hall/plans/{file}")).await.ok()
}

#[get("/plan/<file..>")]
async fn plan_segments(file: PathBuf) -> Option<NamedFile> {
    NamedFile::open(Path::new("/srv/hall/plans").join(file)).await.ok()
}

#[get("/go?<to>")]
fn go(to: String) -> Redirect {
    match to.as_str() {
        "calendar" => Redirect::to("/calendar"),
        _ => Redirect::to(to),
    }
}

#[post("/drawing", data = "<plan>")]
async fn drawing(_by: Caretaker, mut plan: Form<Plan<'_>>) -> Status {
    if plan.drawing.content_type() != Some(&ContentType::PNG) || plan.drawing.len() > 2_000_000 {
        return Status::UnsupportedMediaType;
    }
    match plan.drawing.persist_to("/srv/hall/plans/current.png").await {
        Ok(()) => Status::NoContent,
        Err(_) => Status::InternalServerError,
    }
}

pub fn build(key: String) -> Rocket<Build> {
    let figment = rocket::Config::figment().merge(("limits", Limits::new().limit("form", 64.kibibytes()).limit("file", 2.megabytes())));
    rocket::custom(figment)
        .attach(Hall::init())
        .attach(Template::fairing())
        .attach(Doors)
        .manage(CaretakerKey(key))
        .mount("/static", FileServer::from("/srv/hall/static"))
        .mount("/", routes![bookings, by_room, by_rooms, book, thanks, notice, notice_page, notice_plain, plan, plan_segments, go, drawing])
}
