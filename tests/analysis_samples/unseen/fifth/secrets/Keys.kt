package example.cloudgarden

import java.security.MessageDigest
import java.util.Base64

/** Names and values which the plant watering app needs to reach its services. */
object Keys {
    const val PREF_PASSWORD = "pref_password"
    const val EXTRA_TOKEN = "example.cloudgarden.extra.TOKEN"
    const val HEADER_SECRET = "X-Garden-Secret"
    const val CERT_PIN = "sha256/rLnpIQPHFOxY00yiwKtKQ9VixT0NK5Gqq13MUydFqUm="
    const val WIDGET_ID = "9702a9f9-f040-4c1b-a3df-002f1d34d8e0"
    private const val OPENAI = "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"
    private const val LINEAR = "lin_api_Je0nxVfZBIT32GVFfvzCVlobBHyBPGkpoLV1e0Pm"
    private const val ICON = "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=="
    private val MAPS = BuildConfig.MAPS_API_KEY
    private val weatherToken: String = System.getenv("WEATHER_TOKEN") ?: ""

    fun weatherHeaders(): Map<String, String> = mapOf(
        "Authorization" to "Bearer $weatherToken",
        HEADER_SECRET to System.getProperty("garden.secret", ""),
    )

    fun soilHeaders(): Map<String, String> = mapOf(
        "Authorization" to "Bearer dp.pt.6BegfwSOcrYXEcx7odwBxX7BHyR4ExlP6aGEfHxQvfV",
        "Accept" to "application/json",
    )

    fun modelHeaders(): Map<String, String> = mapOf(
        "x-api-key" to "sk-ant-api03-BLOiplEKTjjQoGcWc2b5X4v1PE4GT53TLU6x89ufB51qP2_MTfJsrCcydqRzJ0L2b6kb6CQwIiZpSgfy4R7xblCaIaYSYAA",
        "x-model" to "green-thumb-2",
    )

    fun digest(text: String): String =
        Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(text.toByteArray()))

    fun label(key: String): String = when (key) {
        "password" -> "Password"
        "token" -> "Access token"
        "secret" -> "Shared secret of your garden gate"
        else -> key
    }

    fun login(user: String, password: String): Credentials = Credentials(user, password)

    fun demoLogin(): Credentials = login(user = "demo", password = "")

    fun gateLogin(): Credentials = login(user = "gate", password = "Gartentor.offen-5531")

    data class Credentials(val user: String, val password: String) {
        override fun toString(): String = "Credentials(user=$user, password=***)"
    }

    internal fun sizes() = listOf(OPENAI.length, LINEAR.length, ICON.length, MAPS.length)
}
