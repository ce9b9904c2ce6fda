use std::collections::BTreeMap;
use std::fs;

use ammonia::clean;
use askama::Template;
use handlebars::Handlebars;
use maud::{html, Markup, PreEscaped};
use minijinja::{context, AutoEscape, Environment};
use salvo::prelude::*;
use tera::{Context, Tera};

const FRAME: &str = "<main>{{ body }}</main>";
const SAFE_NAMES: [&str; 2] = ["spring", "harvest"];

#[derive(Template)]
#[template(source = "<h1>{{ title }}</h1>", ext = "html")]
struct Heading<'a> {
    title: &'a str,
}

#[derive(Template)]
#[template(source = "<h1>{{ title }}</h1>", ext = "html", escape = "none")]
struct LooseHeading<'a> {
    title: &'a str,
}

fn page_registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.register_template_string("frame", "<main>{{body}}</main>").expect("frame");
    registry
}

fn loose_registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.register_escape_fn(handlebars::no_escape);
    registry.register_template_string("frame", "<main>{{body}}</main>").expect("frame");
    registry
}

fn tera_pages() -> Tera {
    let mut tera = Tera::default();
    tera.add_raw_template("frame.html", FRAME).expect("frame");
    tera.autoescape_on(vec![".html"]);
    tera
}

fn loose_pages() -> Tera {
    let mut tera = Tera::new("/srv/newsletter/pages/*.html").expect("pages");
    tera.autoescape_on(vec![]);
    tera
}

fn jinja_pages() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|name| if name.ends_with(".txt") { AutoEscape::None } else { AutoEscape::Html });
    env.add_template("issue.html", FRAME).expect("issue");
    env
}

#[handler]
async fn issue(req: &mut Request, res: &mut Response) {
    let body = req.query::<String>("body").unwrap_or_default();
    let pages = jinja_pages();
    let page = pages.get_template("issue.html").expect("issue");
    res.render(Text::Html(page.render(context! { body }).unwrap_or_default()));
}

#[handler]
async fn draft(req: &mut Request, res: &mut Response) {
    let source = req.form::<String>("source").await.unwrap_or_default();
    let rendered = Tera::one_off(&source, &Context::new(), true);
    res.render(Text::Plain(rendered.unwrap_or_default()));
}

#[handler]
async fn draft_bars(req: &mut Request, res: &mut Response) {
    let greeting = req.query::<String>("greeting").unwrap_or_default();
    let layout = format!("<p>{greeting}</p><p>{{{{name}}}}</p>");
    let names = BTreeMap::from([("name", "reader")]);
    match Handlebars::new().render_template(&layout, &names) {
        Ok(page) => res.render(Text::Plain(page)),
        Err(_) => res.render(StatusError::bad_request()),
    }
}

#[handler]
async fn framed(req: &mut Request, res: &mut Response) {
    let body = req.query::<String>("body").unwrap_or_default();
    let page = page_registry().render("frame", &BTreeMap::from([("body", body)]));
    res.render(Text::Html(page.unwrap_or_default()));
}

#[handler]
async fn heading(req: &mut Request, res: &mut Response) {
    let title = req.query::<String>("title").unwrap_or_default();
    let heading = Heading { title: &title };
    res.render(Text::Html(heading.render().unwrap_or_default()));
}

#[handler]
async fn caption(req: &mut Request, res: &mut Response) {
    let caption = req.query::<String>("caption").unwrap_or_default();
    res.render(Text::Html(format!("<figcaption>{caption}</figcaption>")));
}

#[handler]
async fn caption_clean(req: &mut Request, res: &mut Response) {
    let caption = clean(&req.query::<String>("caption").unwrap_or_default());
    res.render(Text::Html(format!("<figcaption>{caption}</figcaption>")));
}

#[handler]
async fn caption_plain(req: &mut Request, res: &mut Response) {
    let caption = req.query::<String>("caption").unwrap_or_default();
    res.render(Text::Plain(format!("<figcaption>{caption}</figcaption>")));
}

fn card(name: &str, bio: &str) -> Markup {
    html! {
        article {
            h2 { (name) }
            p { (PreEscaped(bio)) }
            footer { (PreEscaped("&copy; the growers")) }
        }
    }
}

#[handler]
async fn author(req: &mut Request, res: &mut Response) {
    let name = req.query::<String>("name").unwrap_or_default();
    let bio = req.query::<String>("bio").unwrap_or_default();
    res.render(Text::Html(card(&name, &bio).into_string()));
}

#[handler]
async fn stored(req: &mut Request, res: &mut Response) {
    let name = req.query::<String>("name").unwrap_or_default();
    if !SAFE_NAMES.contains(&name.as_str()) {
        res.status_code(StatusCode::NOT_FOUND);
        return;
    }
    let source = fs::read_to_string(format!("/srv/newsletter/issues/{name}.html")).unwrap_or_default();
    let rendered = tera_pages().render_str(&source, &Context::new());
    res.render(Text::Html(rendered.unwrap_or_default()));
}

pub fn weekly(count: usize) -> (String, usize) {
    let loose = LooseHeading { title: "This week" }.render().unwrap_or_default();
    let frame = loose_registry().render("frame", &BTreeMap::from([("body", count)]));
    (loose + &frame.unwrap_or_default(), loose_pages().get_template_names().count())
}

pub fn routes() -> Router {
    Router::new()
        .push(Router::with_path("issue").get(issue))
        .push(Router::with_path("draft").post(draft))
        .push(Router::with_path("bars").get(draft_bars))
        .push(Router::with_path("framed").get(framed))
        .push(Router::with_path("heading").get(heading))
        .push(Router::with_path("caption").get(caption))
        .push(Router::with_path("clean").get(caption_clean))
        .push(Router::with_path("plain").get(caption_plain))
        .push(Router::with_path("author").get(author))
        .push(Router::with_path("stored").get(stored))
}
