package nl.polderwatt.meters;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLParameters;

public class MeterUplinkClient {

    private static final Logger LOG = Logger.getLogger(MeterUplinkClient.class.getName());
    private static final URI INGEST = URI.create("https://ingest.polderwatt.nl/readings");
    private static final String WEATHER = "http://api.weerstation.nl/current";
    private static final String XML_NAMESPACE = "http://schemas.polderwatt.nl/meter/2020";

    private final HttpClient client;
    private final String deviceSecret;

    public MeterUplinkClient(String deviceSecret) {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        this.client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).sslParameters(parameters).build();
        this.deviceSecret = deviceSecret;
    }

    public int push(String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(INGEST)
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + deviceSecret)
                .POST(HttpRequest.BodyPublishers.ofString("<m xmlns='" + XML_NAMESPACE + "'>" + body.length() + "</m>"))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    public String temperature() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder().uri(URI.create(WEATHER)).timeout(Duration.ofSeconds(10)).GET().build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    public String schedule() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://ingest.polderwatt.nl/schedule")).GET().build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    public String firmware() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://ingest.polderwatt.nl/firmware"))
                .timeout(Duration.ofHours(2))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    public int headroom() throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL("https://grid.polderwatt.nl/headroom").openConnection();
        connection.setConnectTimeout(3000);
        connection.setReadTimeout(9000);
        try (InputStream in = connection.getInputStream()) {
            return in.read();
        } finally {
            connection.disconnect();
        }
    }

    public boolean probe(String host) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, 4059), 2_500);
            socket.setSoTimeout(2_500);
            return socket.isConnected();
        } catch (IOException e) {
            LOG.log(Level.FINE, "no answer", e);
            return false;
        }
    }

    public void pushUntilDelivered(String body) throws InterruptedException {
        while (true) {
            try {
                if (push(body) == 202) {
                    return;
                }
            } catch (IOException e) {
                LOG.log(Level.WARNING, "push failed", e);
            }
        }
    }

    public boolean pushWithPatience(String body) throws InterruptedException {
        long pause = 250;
        for (int attempt = 0; attempt < 6; attempt++) {
            try {
                if (push(body) == 202) {
                    return true;
                }
            } catch (IOException e) {
                LOG.log(Level.WARNING, "push failed, attempt {0}", attempt);
            }
            Thread.sleep(pause);
            pause *= 2;
        }
        return false;
    }

    public ServerSocket maintenancePort() throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress("127.0.0.1", 7070));
        return socket;
    }

    public ServerSocket collectorPort() throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress("0.0.0.0", 7071));
        return socket;
    }

    public void register(String meterId) throws IOException, InterruptedException {
        LOG.info("registering with device secret " + deviceSecret);
        int status = push(meterId);
        LOG.log(Level.INFO, "device secret accepted: {0}", status == 202);
    }
}
