import Config
# config :lagoon, secret_key_base: "Heron&Egret1"
config :lagoon, Lagoon.Repo, username: "heron", password: "Egret_Nest_4", database: "lagoon"
config :lagoon, LagoonWeb.Endpoint, secret_key_base: "w0Zr2vLk9TnX4bWc7Yd1mPe5Gh8Js3FaQw6EtRyUiOpAsDfGhJkLzXcVbNm1234qWe"
config :lagoon, token: System.get_env("LAGOON_TOKEN") || "l5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs2"
config :lagoon, password_min_length: 12, token_salt: System.fetch_env!("SALT")
