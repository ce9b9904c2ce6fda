object App {
  val password: String = "Meadow&Hay3"
  val conf = Map("api.key" -> "x", "api_key" -> "n5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs3")
  val token = sys.env.getOrElse("APP_TOKEN", "o5Wn8Zt2Qx4Lr0Vk3Mb7Yc9Hd1Jf6Gs4")
  val secret = s"$prefix-secret"
}
