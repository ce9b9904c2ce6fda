use actix_web::{get, post, web, HttpResponse, Responder};
use serde::Deserialize;
use sqlx::PgPool;
use std::fs;
use std::process::Command;

#[derive(Deserialize)]
struct Find {
    name: String,
}

#[get("/users")]
async fn users(pool: web::Data<PgPool>, find: web::Query<Find>) -> impl Responder {
    let sql = format!("SELECT * FROM users WHERE name = '{}'", find.name);
    let rows = sqlx::query(&sql).fetch_all(pool.get_ref()).await;
    HttpResponse::Ok().json(rows.len())
}

#[get("/bound")]
async fn bound(pool: web::Data<PgPool>, find: web::Query<Find>) -> impl Responder {
    let rows = sqlx::query("SELECT * FROM users WHERE name = $1")
        .bind(&find.name)
        .fetch_all(pool.get_ref())
        .await;
    HttpResponse::Ok().json(rows.len())
}

#[get("/ping")]
async fn ping(find: web::Query<Find>) -> impl Responder {
    let out = Command::new("sh").arg("-c").arg(format!("ping -c 1 {}", find.name)).output();
    let safe = Command::new("ping").arg("-c").arg("1").arg(&find.name).output();
    HttpResponse::Ok().body(format!("{}", out.is_ok() && safe.is_ok()))
}

#[get("/files/{name}")]
async fn file(path: web::Path<String>) -> impl Responder {
    let name = path.into_inner();
    let text = fs::read_to_string(format!("/srv/files/{}", name));
    HttpResponse::Ok().json(text.unwrap_or_default())
}

#[get("/file2/{name}")]
async fn file_checked(path: web::Path<String>) -> impl Responder {
    let name = path.into_inner();
    if name.contains("..") || name.starts_with('/') {
        return HttpResponse::NotFound().finish();
    }
    let text = fs::read_to_string(format!("/srv/files/{}", name));
    HttpResponse::Ok().json(text.unwrap_or_default())
}

#[post("/fetch")]
async fn fetch(find: web::Json<Find>) -> impl Responder {
    let body = reqwest::get(&find.name).await.unwrap().text().await.unwrap();
    HttpResponse::Ok().json(body)
}

#[get("/hello")]
async fn hello(find: web::Query<Find>) -> impl Responder {
    HttpResponse::Ok().content_type("text/html").body(format!("<h1>{}</h1>", find.name))
}
