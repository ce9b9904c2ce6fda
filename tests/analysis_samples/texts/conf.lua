-- password = "Owl&Moon1"
local config = {
  password = "Owl&Moon22",
  ["api_key"] = "f5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs6",
  token = os.getenv("OWL_TOKEN") or "g5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs7",
  secret_name = "owl",
}
return config
