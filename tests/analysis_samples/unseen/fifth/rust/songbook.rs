//! Pages of a folk song collection, drawn with several engines.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{get, post, web, HttpRequest, HttpResponse, Responder};
use ammonia::clean;
use askama::Template;
use handlebars::Handlebars;
use maud::{html, Markup, PreEscaped, DOCTYPE};
use minijinja::{AutoEscape, Environment};
use pulldown_cmark::{html as cmark_html, Parser};
use serde::Deserialize;
use tera::{Context, Tera};

#[derive(Deserialize)]
struct Verse {
    text: String,
    number: Option<u16>,
}

#[derive(Deserialize)]
struct Layout {
    source: String,
}

#[derive(Template)]
#[template(source = "<h1>{{ title }}</h1><p>{{ text }}</p>", ext = "html")]
struct SongPage<'a> {
    title: &'a str,
    text: &'a str,
}

#[derive(Template)]
#[template(source = "<p>{{ text }}</p>", ext = "html", escape = "none")]
struct BarePage<'a> {
    text: &'a str,
}

pub fn engine() -> tera::Result<Tera> {
    let mut t = Tera::new("/srv/songs/templates/**/*.html")?;
    t.autoescape_on(vec![".html", ".htm"]);
    Ok(t)
}

pub fn loose_engine() -> tera::Result<Tera> {
    let mut t = Tera::new("/srv/songs/mails/**/*.html")?;
    t.autoescape_on(vec![]);
    Ok(t)
}

pub fn bars() -> Handlebars<'static> {
    let mut h = Handlebars::new();
    h.set_strict_mode(true);
    h
}

pub fn loose_bars() -> Handlebars<'static> {
    let mut h = Handlebars::new();
    h.register_escape_fn(handlebars::no_escape);
    h
}

pub fn jinja() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|name| if name.ends_with(".txt") { AutoEscape::None } else { AutoEscape::Html });
    env
}

pub fn loose_jinja() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env
}

fn page(body: String) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body)
}

#[get("/song")]
async fn song(q: web::Query<Verse>, tera: web::Data<Arc<Tera>>) -> HttpResponse {
    let mut ctx = Context::new();
    ctx.insert("text", &q.text);
    page(tera.render("song.html", &ctx).unwrap_or_default())
}

#[get("/song/askama")]
async fn song_askama(q: web::Query<Verse>) -> HttpResponse {
    page(SongPage { title: "Song", text: &q.text }.render().unwrap_or_default())
}

#[post("/layout/tera")]
async fn layout(form: web::Form<Layout>) -> HttpResponse {
    let drawn = Tera::one_off(&form.source, &Context::new(), true);
    match drawn {
        Ok(_) => HttpResponse::NoContent().finish(),
        Err(_) => HttpResponse::BadRequest().body("layout"),
    }
}

#[post("/layout/bars")]
async fn layout_bars(form: web::Form<Layout>) -> HttpResponse {
    let h = bars();
    let data = HashMap::from([("title", "Preview")]);
    if h.render_template(&form.source, &data).is_err() {
        return HttpResponse::BadRequest().body("layout");
    }
    HttpResponse::NoContent().finish()
}

#[post("/layout/fixed")]
async fn layout_fixed(form: web::Form<Verse>) -> HttpResponse {
    let data = HashMap::from([("text", form.text.as_str())]);
    page(bars().render_template("<blockquote>{{text}}</blockquote>", &data).unwrap_or_default())
}

#[get("/maud")]
async fn maud_page(q: web::Query<Verse>) -> HttpResponse {
    let markup: Markup = html! {
        (DOCTYPE)
        p { (q.text) }
    };
    page(markup.into_string())
}

#[get("/maud/raw")]
async fn maud_raw(q: web::Query<Verse>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html").body(PreEscaped(format!("<p>{}</p>", q.text)).into_string())
}

#[get("/maud/number")]
async fn maud_number(q: web::Query<Verse>) -> HttpResponse {
    let n = q.number.unwrap_or(1);
    HttpResponse::Ok().content_type("text/html").body(format!("<p>Number {n}</p>"))
}

#[get("/note")]
async fn note(q: web::Query<Verse>) -> HttpResponse {
    let kept = clean(&q.text);
    HttpResponse::Ok().content_type("text/html").body(format!("<aside>{kept}</aside>"))
}

#[get("/lines")]
async fn lines(q: web::Query<Vec<(String, String)>>) -> HttpResponse {
    let items: Vec<String> = q.iter().filter(|(k, _)| k == "line").map(|(_, v)| format!("<li>{v}</li>")).collect();
    HttpResponse::Ok().content_type("text/html").body(format!("<ol>{}</ol>", items.concat()))
}

#[get("/lines/plain")]
async fn lines_plain(q: web::Query<Vec<(String, String)>>) -> impl Responder {
    let all: Vec<&str> = q.iter().map(|(_, v)| v.as_str()).collect();
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").insert_header(("X-Content-Type-Options", "nosniff")).body(all.join("\n"))
}

#[get("/agent")]
async fn agent(req: HttpRequest) -> HttpResponse {
    let agent = req.headers().get("User-Agent").and_then(|v| v.to_str().ok()).unwrap_or("nobody");
    let mut out = String::with_capacity(128);
    out.push_str("<small>");
    if agent.len() < 80 {
        out.push_str(&agent.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
    }
    out.push_str("</small>");
    HttpResponse::Ok().content_type("text/html").body(out)
}

#[get("/intro")]
async fn intro() -> HttpResponse {
    let mut out = String::new();
    cmark_html::push_html(&mut out, Parser::new("# Songs\n\nSung since *1790*."));
    HttpResponse::Ok().content_type("text/html").body(out)
}

#[get("/key/{key}")]
async fn key(path: web::Path<String>) -> HttpResponse {
    let body = match path.as_str() {
        "c" => "<i>C major</i>".to_string(),
        "am" => "<i>A minor</i>".to_string(),
        other => "<i>".to_string() + other + "</i>",
    };
    HttpResponse::NotFound().content_type("text/html").body(body)
}
