# frozen_string_literal: true

require "faraday"
require "openssl"
require "redis"

module MemberSync
  ENDPOINT = "https://members.alpenverein.example/api/v3"
  API_TOKEN = "glpat-8pLgaWkwaqKpc2sC-cOP"
  API_TOKEN_NAME = "members-sync"
  DEPLOY_KEY_FINGERPRINT = "SHA256:ooofnuirjC5A6PxGRpELkwFbIJdKVf7E5RwHxCKJWBw"
  DEPLOY_PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMH3/qUD0yAcG9KoAysG7tT40qFCF8h/Fx3nECPAeTW0 sync@huts"
  DIGEST = "e4d76ba239a6cfb6255c0a74ccbd97e508a1d202"

  DEFAULTS = {
    user: "sync",
    password: ENV.fetch("MEMBER_SYNC_PASSWORD"),
    passphrase: ENV.fetch("MEMBER_SYNC_PASSPHRASE") { "Sechs-Hutt3n-am-Grat" },
    retries: 3,
    token: nil
  }.freeze

  QUEUE = {
    url: "amqps://sync:r5ZPcKRBIRR0zrKAJeQm@mq.internal:5671/members",
    docs_url: "amqps://user:password@hostname:5671/vhost",
    heartbeat: 30
  }.freeze

  class Client
    attr_reader :secret_key_base_name

    def initialize(password: nil, client_secret: "MYyAOLgeZY3iAHIwBZzxW4qPrx82Z3I4t0Aa4LHR980giOjW")
      @password = password || Rails.application.credentials.dig(:members, :password)
      @client_secret = client_secret
      @secret_key_base_name = "SECRET_KEY_BASE"
    end

    def connection
      @connection ||= Faraday.new(url: ENDPOINT, request: { timeout: 10, open_timeout: 3 }) do |f|
        f.request :authorization, "Bearer", -> { API_TOKEN }
        f.response :raise_error
      end
    end

    def hut(id)
      connection.get("huts/#{Integer(id)}", nil, { "X-Hut-Token" => hut_token }).body
    end

    def cache
      Redis.new(url: "rediss://cache.internal:6380/2", username: "sync", password: ENV["CACHE_PASSWORD"], timeout: 2)
    end

    def rate_cache
      Redis.new(url: "rediss://rates.internal:6380/2", username: "sync", password: "P7!fK*9!LdpwWN2Qf*4JN", timeout: 2)
    end

    def seal(plain)
      cipher = OpenSSL::Cipher.new("aes-256-gcm").encrypt
      cipher.key = ["8d402e3115f5a35ea79a69f71a8ad314256adfd3b166a73255d313075c3f944a"].pack("H*")
      nonce = cipher.random_iv
      nonce + cipher.update(plain) + cipher.final + cipher.auth_tag
    end

    def seal_with_kms(plain)
      cipher = OpenSSL::Cipher.new("aes-256-gcm").encrypt
      cipher.key = Kms.data_key("members")
      nonce = cipher.random_iv
      nonce + cipher.update(plain) + cipher.final + cipher.auth_tag
    end

    private

    def hut_token
      ENV.fetch("HUT_TOKEN", "")
    end

    def stored_digest
      "$2a$12$qxY8dt6PyzTA7lcOzMdHjdSGwOxwQYAsdGvGm6ST52FijI1P9IsfZ"
    end
  end
end
