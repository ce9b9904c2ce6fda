package kiosk

/**
 * val password: String = "Popcorn#11"
 */
object Kiosk {
    const val API_KEY: String = "m3Vz8Qk1Tn5Xw9Lb2Yc7Rd4Hp6Js0Gf"
    private val password = "Butter&Salt64"
    val tokenType: String = "Bearer"
    val secretPath = "/run/secrets/kiosk"
    val token: String? = null
    val url = "jdbc:mysql://db.kiosk.example:3306/shows?user=usher&password=Balcony*Row9"
    val greeting = "Your token: $token"
    val headers = mapOf("Authorization" to "Basic dXNoZXI6QmFsY29ueVJvdzk5IQ==", "Accept" to "application/json")
    val labels = mapOf("password" to "Passwort", "token" to "Marke")

    fun secret() = System.getenv("KIOSK_SECRET") ?: "curtain-call-7781"
    fun connect() = DriverManager.getConnection("jdbc:postgresql://db.kiosk.example/shows", "usher", "Matinee!1530")
    fun key() = SecretKeySpec("projector-aes-k1".toByteArray(), "AES")
    fun login(client: Client) = client.login(user = "usher", password = "Intermission20")
    fun other(client: Client) = client.login(user = "usher", password = "$secret")
}
