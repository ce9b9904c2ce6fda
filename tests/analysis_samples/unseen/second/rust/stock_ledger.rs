use std::time::Duration;

use futures_util::StreamExt;
use mongodb::bson::{self, doc, Document};
use mongodb::Collection;
use mysql::prelude::Queryable;
use mysql::{params, OptsBuilder, Pool, SslOpts};
use postgres_openssl::MakeTlsConnector;
use redis::{Client as RedisClient, Script};
use serde::Deserialize;
use tokio_postgres::{types::ToSql, Client, Config};
use warp::{http::StatusCode, Filter, Rejection, Reply};

#[derive(Deserialize)]
struct Wanted {
    sku: String,
    column: Option<String>,
    minimum: Option<i64>,
}

fn warehouse_config() -> Config {
    let mut config = Config::new();
    config
        .host("stock.paperworks.example")
        .user("ledger")
        .dbname("stock")
        .ssl_mode(tokio_postgres::config::SslMode::Disable)
        .connect_timeout(Duration::from_secs(5));
    config
}

fn ledger_pool() -> mysql::Result<Pool> {
    let builder = OptsBuilder::new()
        .ip_or_hostname(Some("ledger.paperworks.example"))
        .user(Some("ledger"))
        .pass(std::env::var("LEDGER_PASSWORD").ok())
        .tcp_connect_timeout(Some(Duration::from_secs(5)))
        .ssl_opts(SslOpts::default().with_root_cert_path(Some(std::path::PathBuf::from("/etc/paperworks/ca.pem"))));
    Pool::new(builder)
}

fn branch_pool() -> mysql::Result<Pool> {
    let ssl = SslOpts::default().with_danger_accept_invalid_certs(true);
    let builder = OptsBuilder::new()
        .ip_or_hostname(Some("branch.paperworks.example"))
        .user(Some("branch"))
        .pass(Some("Deckle-Edge_7731"))
        .tcp_connect_timeout(Some(Duration::from_secs(5)))
        .ssl_opts(Some(ssl));
    Pool::new(builder)
}

fn cache() -> redis::RedisResult<(RedisClient, RedisClient)> {
    let shared = RedisClient::open(std::env::var("PAPERWORKS_REDIS_URL").unwrap_or_default())?;
    let open = RedisClient::open("rediss://counters.paperworks.example:6380/0")?;
    Ok((shared, open))
}

async fn by_sku(db: &Client, wanted: &Wanted) -> Result<usize, tokio_postgres::Error> {
    let sql = format!("SELECT bin FROM stock WHERE sku = '{}'", wanted.sku);
    Ok(db.query(&sql, &[]).await?.len())
}

async fn by_sku_bound(db: &Client, wanted: &Wanted) -> Result<usize, tokio_postgres::Error> {
    let column = match wanted.column.as_deref() {
        Some("bin") => "bin",
        Some("lot") => "lot",
        _ => "sku",
    };
    let sql = format!("SELECT {column} FROM stock WHERE sku = $1 AND sheets > $2");
    let minimum = wanted.minimum.unwrap_or(0);
    let args: [&(dyn ToSql + Sync); 2] = [&wanted.sku, &minimum];
    Ok(db.query(&sql, &args).await?.len())
}

async fn over(db: &Client, wanted: &Wanted) -> Result<usize, tokio_postgres::Error> {
    let minimum = wanted.minimum.unwrap_or(0);
    Ok(db.simple_query(&format!("SELECT sku FROM stock WHERE sheets > {minimum}")).await?.len())
}

fn movements(pool: &Pool, wanted: &Wanted) -> mysql::Result<Vec<String>> {
    let mut conn = pool.get_conn()?;
    let bound: Vec<String> =
        conn.exec("SELECT note FROM movements WHERE sku = :sku", params! { "sku" => wanted.sku.as_str() })?;
    let mut order = String::from("SELECT note FROM movements ORDER BY ");
    order.push_str(wanted.column.as_deref().unwrap_or("id"));
    let sorted: Vec<String> = conn.query(order)?;
    Ok(bound.into_iter().chain(sorted).collect())
}

fn count_view(client: &RedisClient, wanted: &Wanted) -> redis::RedisResult<i64> {
    let mut conn = client.get_connection_with_timeout(Duration::from_secs(2))?;
    let bump = Script::new("return redis.call('INCR', KEYS[1])");
    bump.key(format!("view:{}", wanted.sku)).invoke::<i64>(&mut conn)?;
    Script::new(&format!("return redis.call('GET', 'view:{}')", wanted.sku)).invoke(&mut conn)
}

async fn recalled(recalls: &Collection<Document>, filter: serde_json::Value) -> Option<usize> {
    let query = bson::to_document(&filter).ok()?;
    let cursor = recalls.find(query).await.ok()?;
    Some(cursor.count().await)
}

async fn recalled_sku(recalls: &Collection<Document>, wanted: &Wanted) -> Option<usize> {
    let cursor = recalls.find(doc! { "sku": &wanted.sku, "open": true }).await.ok()?;
    Some(cursor.count().await)
}

async fn stock(wanted: Wanted, db: std::sync::Arc<Client>, pool: Pool, cache: RedisClient) -> Result<impl Reply, Rejection> {
    let found = by_sku(&db, &wanted).await.unwrap_or(0)
        + by_sku_bound(&db, &wanted).await.unwrap_or(0)
        + over(&db, &wanted).await.unwrap_or(0);
    let moved = movements(&pool, &wanted).map_or(0, |m| m.len());
    let views = count_view(&cache, &wanted).unwrap_or(0);
    Ok(warp::reply::json(&(found, moved, views)))
}

pub async fn routes(db: std::sync::Arc<Client>, recalls: Collection<Document>) -> impl Filter<Extract = impl Reply, Error = Rejection> + Clone {
    let pools = (ledger_pool().expect("ledger"), branch_pool().expect("branch"));
    let caches = cache().expect("cache");
    let by_query = warp::path("stock").and(warp::query::<Wanted>()).and_then(move |wanted| {
        stock(wanted, db.clone(), pools.0.clone(), caches.0.clone())
    });
    let other = recalls.clone();
    let by_filter = warp::path("recalls")
        .and(warp::body::content_length_limit(4096))
        .and(warp::body::json::<serde_json::Value>())
        .then(move |filter| {
            let recalls = other.clone();
            async move { warp::reply::json(&recalled(&recalls, filter).await) }
        });
    let by_sku = warp::path("recall").and(warp::query::<Wanted>()).then(move |wanted: Wanted| {
        let recalls = recalls.clone();
        async move { warp::reply::with_status(format!("{:?}", recalled_sku(&recalls, &wanted).await), StatusCode::OK) }
    });
    by_query.or(by_filter).or(by_sku)
}

pub async fn connect(connector: MakeTlsConnector) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = warehouse_config().connect(connector).await?;
    tokio::spawn(connection);
    Ok(client)
}
