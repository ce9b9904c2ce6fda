# frozen_string_literal: true

require "json"
require "net/http"
require "openssl"
require "uri"

# Tells the chess club about the next round.
module Notify
  SLACK_TOKEN = "xoxb-947910314308-2520760912762-PJa4GBV7ko1G8Vv0fC36sj0n"
  SLACK_CHANNEL = "C04TBZ91QLM"
  SENDGRID_API_KEY = ENV.fetch("SENDGRID_API_KEY")
  MAILGUN_API_KEY = ENV["MAILGUN_API_KEY"] || "key-e49cf01c5759ba3bd7aceb1011409c56"
  TWILIO_ACCOUNT_SID = "AC042560404dfab2f19378b4ee5fb3674b"
  TWILIO_AUTH_TOKEN = ENV["TWILIO_AUTH_TOKEN"]
  PASSWORD_RESET_PATH = "/password/reset"
  ROUND_SALT_NAME = "round_salt"
  ICON = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=="

  MESSAGES = {
    "password" => "Password",
    "password_confirmation" => "Repeat your password",
    "token_expired" => "Your token has expired, please sign in again",
    "secret" => "This is our little secret"
  }.freeze

  SETTINGS = {
    smtp: {
      address: "mail.chess.example",
      port: 465,
      user_name: "pairings",
      password: "IOFQapIki1f!833lrn",
      tls: true
    },
    board: {
      url: "https://board.chess.example",
      token: ENV.fetch("BOARD_TOKEN", nil)
    }
  }.freeze

  Player = Struct.new(:name, :token, :password_digest, keyword_init: true)

  module_function

  def sample_player
    Player.new(name: "Magdalena", token: "<your token>", password_digest: "$2a$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW")
  end

  def mail(subject, text)
    uri = URI("https://api.sendgrid.example/v3/mail/send")
    request = Net::HTTP::Post.new(uri)
    request["Authorization"] = "Bearer #{SENDGRID_API_KEY}"
    request.body = JSON.generate(subject: subject, text: text)
    Net::HTTP.start(uri.host, uri.port, use_ssl: true, open_timeout: 5, read_timeout: 10) { |http| http.request(request) }
  end

  def mail_as_guest(subject)
    uri = URI("https://api.sendgrid.example/v3/mail/send")
    request = Net::HTTP::Post.new(uri)
    request["Authorization"] = "Bearer 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"
    request.body = JSON.generate(subject: subject)
    Net::HTTP.start(uri.host, uri.port, use_ssl: true, open_timeout: 5, read_timeout: 10) { |http| http.request(request) }
  end

  def board_login(password: ENV.fetch("BOARD_PASSWORD"))
    { user: "pairings", password: password, channel: SLACK_CHANNEL }
  end

  def checksum_of(file)
    expected = "8174a7d4e3070f2fc92335cfc9d5a6579a43eae8b132e4dbd336cd63e707c76e"
    OpenSSL::Digest.new("SHA256").file(file).hexdigest == expected
  end
end
