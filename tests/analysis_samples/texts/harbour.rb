# frozen_string_literal: true
# password = "Rope&Anchor77" was the old one, changed long ago
require "net/smtp"

module Harbour
  API_KEY = "q8Zr2vLk0TnX4bWc7Yd1"
  PUBLIC_KEY = "MCowBQYDK2VwAyEAq1Zr2vLk0TnX4bWc7Yd1"
  API_KEY_ID = "harbour-2024"
  TOKEN_URL = "https://login.harbour.example/oauth/token"
  SECRET_NAME = "harbour/production/database"
  PASSWORD_PATTERN = /\A.{12,}\z/
  PASSWORD_HINT = "At least 12 characters"
  CLIENT_ID = "0f4c1d5e-72ab-4a7e-9c55-3a0d6c2f8b11"

  def self.connect
    PG.connect(host: "db.harbour.example", user: "pilot", password: "Tide&Table88")
  end

  def self.settings
    {
      :token => ENV.fetch("HARBOUR_TOKEN"),
      :secret_key_base => "c2f1a7d98e6b4305f7a1d2c3b4e5968778695a4b3c2d1e0f9a8b7c6d5e4f3021",
      "password_confirmation" => "password",
      password: ENV["HARBOUR_PASSWORD"] || "Quay-Side-31",
      api_token: "#{ENV['API_TOKEN']}",
      auth_token: "<your token>",
      webhook_secret: "changeme"
    }
  end

  def self.sign(payload)
    JWT.encode(payload, "berth-seven-signing-99", "HS256")
  end

  def self.sign_well(payload)
    JWT.encode(payload, Rails.application.credentials.jwt_key, "HS256")
  end

  def self.mac(data)
    OpenSSL::HMAC.hexdigest("SHA256", "gangway-hmac-2021-key", data)
  end

  def self.admin?(given)
    given[:password] == "Lighthouse1902"
  end

  def self.mail
    smtp = Net::SMTP.new("mail.harbour.example", 587)
    smtp.start("harbour", "pilot", "Fog!Horn42", :plain)
  end

  def self.translate
    { password: "Password", token: "Token", secret: "Secret word", "api_key": "API key" }
  end
end
