//! Bridges soil sensors to the message broker.
use std::env;
use std::time::Duration;

use hmac::{Hmac, Mac};
use rumqttc::{MqttOptions, Transport};
use sha2::Sha256;

type HmacSha256 = Hmac<Sha256>;

const BROKER: &str = "mqtt.soil.example";
const FIRMWARE_SHA256: &str = "fd46777d80302bfc3a830adf08fc3aee844d0b64c3057a5dea0a18913feda6ab";
const DEVICE_ID: &str = "9249ab04-dead-4b45-a917-ce830a7d4d29";
const KEY_ID: &str = "soil-2024-03";
const PUBLIC_KEY_HEX: &str = "7b909980af720899e5f38452bd2d2492e5e70ec924d2f193534c90787bdeb09e";

pub fn field_options() -> MqttOptions {
    let mut options = MqttOptions::new(DEVICE_ID, BROKER, 8883);
    options.set_keep_alive(Duration::from_secs(20));
    options.set_transport(Transport::tls_with_default_config());
    options.set_credentials("field", env::var("FIELD_PASSWORD").unwrap_or_default());
    options
}

pub fn greenhouse_options() -> MqttOptions {
    let mut options = MqttOptions::new("greenhouse", BROKER, 8883);
    options.set_keep_alive(Duration::from_secs(20));
    options.set_transport(Transport::tls_with_default_config());
    options.set_credentials("greenhouse", "Gew4echshaus");
    options
}

pub fn sign(payload: &[u8]) -> Vec<u8> {
    let secret = env::var("SOIL_SIGNING_SECRET").unwrap_or_default();
    let mut mac = HmacSha256::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(payload);
    mac.finalize().into_bytes().to_vec()
}

pub fn sign_firmware(payload: &[u8]) -> Vec<u8> {
    let mut mac = HmacSha256::new_from_slice(b"oN6bdJ3lY2HOt9eZvfIOJ2b0u5uU03i6dOY8cuUe").expect("any length");
    mac.update(payload);
    mac.finalize().into_bytes().to_vec()
}

pub fn known_firmware(sum: &str) -> bool {
    sum == FIRMWARE_SHA256
}

pub fn describe() -> String {
    format!("key {KEY_ID}, public {PUBLIC_KEY_HEX}, password from environment")
}
