; (def password "Ember&Ash1")
(def api-key "s5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs8")
(def db {:user "smith" :password "Ember_Ash_22" :host "db.forge.example"})
(def token (System/getenv "FORGE_TOKEN"))
