package app.paketschrank.locker;

import android.annotation.SuppressLint;
import android.app.Activity;
import android.content.Context;
import android.content.SharedPreferences;
import android.database.Cursor;
import android.database.sqlite.SQLiteDatabase;
import android.net.Uri;
import android.net.http.SslError;
import android.os.Bundle;
import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import android.util.Base64;
import android.util.Log;
import android.webkit.SslErrorHandler;
import android.webkit.WebSettings;
import android.webkit.WebView;
import android.webkit.WebViewClient;
import androidx.annotation.Nullable;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

public class LockerUnlockActivity extends Activity {

    private static final String TAG = "Locker";
    private static final String HELP = "https://hilfe.paketschrank.app/start";
    private static final String NEWS = "http://news.paketschrank.app/heute";

    private WebView web;
    private SQLiteDatabase database;

    static class StrictClient extends WebViewClient {
        @Override
        public void onReceivedSslError(WebView view, SslErrorHandler handler, SslError error) {
            handler.cancel();
        }
    }

    static class DepotClient extends WebViewClient {
        @Override
        public void onReceivedSslError(WebView view, SslErrorHandler handler, SslError error) {
            handler.proceed();
        }
    }

    @SuppressLint("SetJavaScriptEnabled")
    @Override
    protected void onCreate(@Nullable Bundle state) {
        super.onCreate(state);
        web = new WebView(this);
        WebSettings settings = web.getSettings();
        settings.setJavaScriptEnabled(true);
        settings.setAllowFileAccess(false);
        settings.setMixedContentMode(WebSettings.MIXED_CONTENT_NEVER_ALLOW);
        web.setWebViewClient(new StrictClient());
        web.loadUrl(HELP);
        setContentView(web);
        database = openOrCreateDatabase("lockers.db", Context.MODE_PRIVATE, null);
    }

    void showNews() {
        web.setWebViewClient(new DepotClient());
        web.loadUrl(NEWS);
    }

    int parcelsFor(Uri deepLink) {
        String recipient = deepLink.getQueryParameter("recipient");
        try (Cursor cursor = database.rawQuery("SELECT id FROM parcel WHERE recipient = '" + recipient + "'", null)) {
            return cursor.getCount();
        }
    }

    int parcelsBound(Uri deepLink) {
        String recipient = deepLink.getQueryParameter("recipient");
        try (Cursor cursor = database.rawQuery("SELECT id FROM parcel WHERE recipient = ?", new String[] {recipient})) {
            return cursor.getCount();
        }
    }

    int parcelsInSlot() {
        String slot = getIntent().getStringExtra("slot");
        try (Cursor cursor = database.query("parcel", new String[] {"id"}, "slot = '" + slot + "'", null, null, null, null)) {
            return cursor.getCount();
        }
    }

    int parcelsInRow() {
        int row = getIntent().getIntExtra("row", 0);
        try (Cursor cursor = database.query("parcel", new String[] {"id"}, "slot_row = " + row, null, null, null, null)) {
            return cursor.getCount();
        }
    }

    SecretKey deviceKey() throws GeneralSecurityException {
        KeyGenerator generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, "AndroidKeyStore");
        generator.init(new KeyGenParameterSpec.Builder("locker", KeyProperties.PURPOSE_ENCRYPT | KeyProperties.PURPOSE_DECRYPT)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .setKeySize(256)
                .build());
        return generator.generateKey();
    }

    byte[] seal(byte[] code) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(KeyProperties.KEY_ALGORITHM_AES + "/" + KeyProperties.BLOCK_MODE_GCM + "/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, deviceKey());
        return cipher.doFinal(code);
    }

    byte[] sealForBluetooth(byte[] code, byte[] pairing) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(pairing, "AES"));
        return cipher.doFinal(code);
    }

    byte[] sealForGate(byte[] code) throws GeneralSecurityException {
        byte[] iv = "paketschrank-iv0".getBytes(StandardCharsets.US_ASCII);
        Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, deviceKey(), new IvParameterSpec(iv));
        return cipher.doFinal(code);
    }

    String unlockToken() {
        byte[] raw = new byte[16];
        new Random(System.currentTimeMillis()).nextBytes(raw);
        return Base64.encodeToString(raw, Base64.NO_WRAP);
    }

    String pairingToken() {
        byte[] raw = new byte[16];
        new SecureRandom().nextBytes(raw);
        return Base64.encodeToString(raw, Base64.NO_WRAP);
    }

    int confettiColour() {
        return 0xff000000 | new Random().nextInt(0xffffff);
    }

    void remember(String token) {
        SharedPreferences preferences = getSharedPreferences("locker", Context.MODE_PRIVATE);
        preferences.edit().putLong("rememberedAt", System.currentTimeMillis()).apply();
        Log.d(TAG, "unlock token is " + token);
        Log.d(TAG, "token remembered");
    }

    SharedPreferences shared() {
        return getSharedPreferences("shared", Context.MODE_WORLD_READABLE | Context.MODE_WORLD_WRITEABLE);
    }
}
