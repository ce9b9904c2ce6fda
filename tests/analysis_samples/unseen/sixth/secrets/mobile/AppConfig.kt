package example.boxoffice.mobile

import android.content.Context
import androidx.security.crypto.EncryptedSharedPreferences
import androidx.security.crypto.MasterKey
import okhttp3.Credentials
import okhttp3.Interceptor
import okhttp3.OkHttpClient
import okhttp3.Request
import java.time.Duration

/** Settings of the seat app; the release build reads them from BuildConfig. */
object AppConfig {
    const val BASE_URL = "https://tickets.boxoffice.example/api/v4/"
    const val PREF_PASSWORD = "pref_password"
    const val KEY_ALIAS = "boxoffice_master_key"
    const val PAYMENTS_PUBLIC = "pk_live_Fu4nHGtu0sv0LQhJ61jhcA3f"
    const val CERT_PIN = "sha256/T5kyPuu6PVAPkRL9Gc1S3yU6H2J7o4k1zYilYCrFG6c="
    const val APP_ID = "cde3e58c-00f3-4d61-9343-16aacecb2f88"

    const val PARTNER_SECRET = "KN4oiA7l7gD3wLzs17zggjr8BQncAV8ippCUltrL"
    val partnerKey: String get() = BuildConfig.PARTNER_KEY
    val translationToken = "TODO: fill in at release"

    private val regions = mapOf(
        "north" to Region("north", token = BuildConfig.NORTH_TOKEN),
        "south" to Region("south", token = "e09120bea8979e5b7b8f1fc1108f8ee9a2212968"),
        "demo" to Region("demo", token = "demo-token"),
    )

    fun region(name: String): Region = regions.getValue(name)
}

data class Region(val name: String, val token: String, val passwordRequired: Boolean = true)

class BoxOfficeClient(private val context: Context) {
    private val masterKey = MasterKey.Builder(context, AppConfig.KEY_ALIAS)
        .setKeyScheme(MasterKey.KeyScheme.AES256_GCM)
        .build()

    private val prefs = EncryptedSharedPreferences.create(
        context,
        "credentials",
        masterKey,
        EncryptedSharedPreferences.PrefKeyEncryptionScheme.AES256_SIV,
        EncryptedSharedPreferences.PrefValueEncryptionScheme.AES256_GCM,
    )

    private val auth = Interceptor { chain ->
        val password = prefs.getString(AppConfig.PREF_PASSWORD, null).orEmpty()
        val request = chain.request().newBuilder()
            .header("Authorization", Credentials.basic("visitor", password))
            .build()
        chain.proceed(request)
    }

    private val kioskAuth = Interceptor { chain ->
        val request = chain.request().newBuilder()
            .header("Authorization", Credentials.basic("kiosk", "Samt.Vorhang-9"))
            .build()
        chain.proceed(request)
    }

    val visitor: OkHttpClient = OkHttpClient.Builder()
        .callTimeout(Duration.ofSeconds(15))
        .addInterceptor(auth)
        .build()

    val kiosk: OkHttpClient = OkHttpClient.Builder()
        .callTimeout(Duration.ofSeconds(15))
        .addInterceptor(kioskAuth)
        .build()

    fun shows(region: String): Request = Request.Builder()
        .url(AppConfig.BASE_URL + "shows")
        .header("X-Region-Token", AppConfig.region(region).token)
        .header("X-Client-Secret", prefs.getString("client_secret", "").orEmpty())
        .build()

    fun halls(): Request = Request.Builder()
        .url(AppConfig.BASE_URL + "halls")
        .header("X-Partner-Password", "Balkon.links_7-Reihe")
        .header("X-App-Id", AppConfig.APP_ID)
        .build()
}
