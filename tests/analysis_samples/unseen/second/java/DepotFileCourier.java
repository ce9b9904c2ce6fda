package rail.gleisdepot.courier;

import com.hierynomus.sshj.key.KeyAlgorithms;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Paths;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Properties;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.transport.verification.PromiscuousVerifier;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.commons.net.ftp.FTPSClient;
import org.apache.commons.net.telnet.TelnetClient;
import org.apache.commons.net.util.TrustManagerUtils;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.keyverifier.KnownHostsServerKeyVerifier;
import org.apache.sshd.client.keyverifier.RejectAllServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import spark.Request;
import spark.Response;
import spark.Spark;

public final class DepotFileCourier {

    private static final String ARCHIVE_HOST = "archiv.gleisdepot.rail";
    private static final String SIGNAL_HOST = "signal.gleisdepot.rail";

    public void uploadPlan(File plan, String keyFile) throws IOException {
        try (SSHClient ssh = new SSHClient()) {
            ssh.loadKnownHosts(new File("/etc/gleisdepot/known_hosts"));
            ssh.setConnectTimeout(5_000);
            ssh.setTimeout(20_000);
            ssh.connect(ARCHIVE_HOST);
            ssh.authPublickey("courier", keyFile);
            ssh.newSFTPClient().put(plan.getPath(), "/plans/");
        }
    }

    public void uploadPhoto(File photo, String keyFile) throws IOException {
        try (SSHClient ssh = new SSHClient()) {
            ssh.addHostKeyVerifier(new PromiscuousVerifier());
            ssh.setConnectTimeout(5_000);
            ssh.setTimeout(20_000);
            ssh.connect(ARCHIVE_HOST);
            ssh.authPublickey("courier", keyFile);
            ssh.newSFTPClient().put(photo.getPath(), "/photos/");
        }
    }

    public SSHClient pinned() {
        SSHClient ssh = new SSHClient();
        ssh.setConnectTimeout(5_000);
        ssh.setTimeout(20_000);
        ssh.addHostKeyVerifier("SHA256:3vWn1m0uT8yqZ0kq1Jt2cQe7u5o0pX9sVb4rD6aLhYI");
        return ssh;
    }

    public ClientSession signalBox(KeyPair identity) throws IOException {
        SshClient client = SshClient.setUpDefaultClient();
        client.setServerKeyVerifier(new KnownHostsServerKeyVerifier(RejectAllServerKeyVerifier.INSTANCE, Paths.get("/etc/gleisdepot/known_hosts")));
        client.start();
        ClientSession session = client.connect("courier", SIGNAL_HOST, 22).verify(Duration.ofSeconds(8)).getSession();
        session.addPublicKeyIdentity(identity);
        session.auth().verify(Duration.ofSeconds(8));
        return session;
    }

    public SshClient workshopClient() {
        SshClient client = SshClient.setUpDefaultClient();
        client.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
        client.start();
        return client;
    }

    public void pushTimetable(InputStream timetable, String user, String password) throws IOException {
        FTPClient ftp = new FTPClient();
        ftp.setConnectTimeout(4_000);
        ftp.setDefaultTimeout(4_000);
        ftp.setDataTimeout(Duration.ofSeconds(30));
        ftp.connect("anzeigen.gleisdepot.rail");
        ftp.login(user, password);
        ftp.storeFile("timetable.csv", timetable);
        ftp.disconnect();
    }

    public void pushTimetableSecurely(InputStream timetable, String user, String password) throws IOException {
        FTPSClient ftps = new FTPSClient("TLS", true);
        ftps.setTrustManager(TrustManagerUtils.getDefaultTrustManager(null));
        ftps.setEndpointCheckingEnabled(true);
        ftps.setConnectTimeout(4_000);
        ftps.setDefaultTimeout(4_000);
        ftps.setDataTimeout(Duration.ofSeconds(30));
        ftps.connect("anzeigen.gleisdepot.rail", 990);
        ftps.login(user, password);
        ftps.execPROT("P");
        ftps.storeFile("timetable.csv", timetable);
        ftps.disconnect();
    }

    public FTPSClient museumClient() {
        FTPSClient ftps = new FTPSClient("TLS", true);
        ftps.setEndpointCheckingEnabled(true);
        ftps.setConnectTimeout(4_000);
        ftps.setDefaultTimeout(4_000);
        ftps.setTrustManager(TrustManagerUtils.getAcceptAllTrustManager());
        return ftps;
    }

    public void resetSwitch(int number) throws IOException {
        TelnetClient telnet = new TelnetClient();
        telnet.setConnectTimeout(2_000);
        telnet.setDefaultTimeout(2_000);
        telnet.connect("weiche-" + number + ".gleisdepot.rail", 23);
        telnet.disconnect();
    }

    public void routes() {
        Spark.ipAddress("127.0.0.1");
        Spark.port(4580);
        Spark.get("/render", DepotFileCourier::render);
        Spark.get("/thumb/:number", DepotFileCourier::thumb);
        Spark.get("/stat", DepotFileCourier::stat);
    }

    static Object render(Request request, Response response) throws IOException {
        String options = request.queryParams("options");
        DefaultExecutor executor = new DefaultExecutor();
        executor.setWatchdog(new ExecuteWatchdog(20_000));
        response.type("text/plain");
        return executor.execute(CommandLine.parse("inkscape " + options + " /srv/plans/current.svg"));
    }

    static Object thumb(Request request, Response response) throws IOException {
        int number = Integer.parseInt(request.params(":number"));
        CommandLine line = new CommandLine("convert");
        line.addArgument("/srv/plans/" + number + ".png");
        line.addArgument("/srv/thumbs/" + number + ".png");
        response.type("text/plain");
        return new DefaultExecutor().execute(line);
    }

    static Object stat(Request request, Response response) throws IOException {
        String name = request.headers("X-Plan");
        response.type("text/plain");
        return new DefaultExecutor().execute(new CommandLine("sh").addArgument("-c").addArgument("stat /srv/plans/" + name, false));
    }

    static Properties describe() {
        Properties properties = new Properties();
        properties.setProperty("note", "telnet and ftp:// addresses are listed for the auditors only");
        properties.setProperty("keys", KeyAlgorithms.class.getSimpleName());
        return properties;
    }
}
