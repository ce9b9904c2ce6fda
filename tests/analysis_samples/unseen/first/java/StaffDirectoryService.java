package uk.towpath.staff;

import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Properties;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
public class StaffDirectoryService {

    private static final String BASE = "ou=staff,dc=towpath,dc=uk";
    private static final String STRICT = "StrictHostKeyChecking";

    private final jakarta.mail.Session mail;

    public StaffDirectoryService(jakarta.mail.Session mail) {
        this.mail = mail;
    }

    private DirContext connect() throws NamingException {
        Hashtable<String, String> env = new Hashtable<>();
        env.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        env.put(Context.PROVIDER_URL, "ldaps://dir.towpath.uk:636");
        env.put("com.sun.jndi.ldap.connect.timeout", "3000");
        env.put("com.sun.jndi.ldap.read.timeout", "5000");
        return new InitialDirContext(env);
    }

    private DirContext connectDepot() throws NamingException {
        Hashtable<String, String> env = new Hashtable<>();
        env.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        env.put(Context.PROVIDER_URL, "ldap://depot.towpath.uk:389");
        env.put("com.sun.jndi.ldap.connect.timeout", "3000");
        env.put("com.sun.jndi.ldap.read.timeout", "5000");
        return new InitialDirContext(env);
    }

    @GetMapping("/staff/by-name")
    public List<String> byName(@RequestParam String name) throws NamingException {
        String filter = "(&(objectClass=person)(cn=" + name + "))";
        return collect(connect().search(BASE, filter, new SearchControls()));
    }

    @GetMapping("/staff/by-badge")
    public List<String> byBadge(@RequestParam String badge) throws NamingException {
        return collect(connect().search(BASE, "(employeeNumber={0})", new Object[] {badge}, new SearchControls()));
    }

    @GetMapping("/staff/by-role")
    public List<String> byRole(@RequestParam String role) throws NamingException {
        StringBuilder filter = new StringBuilder("(title=").append(escape(role)).append(')');
        return collect(connect().search(BASE, filter.toString(), new SearchControls()));
    }

    @GetMapping("/staff/by-lock")
    public List<String> byLock(@RequestParam int lock) throws NamingException {
        return collect(connectDepot().search(BASE, "(lockNumber=" + lock + ")", new SearchControls()));
    }

    static String escape(String value) {
        StringBuilder out = new StringBuilder();
        for (char c : value.toCharArray()) {
            switch (c) {
                case '\\' -> out.append("\\5c");
                case '*' -> out.append("\\2a");
                case '(' -> out.append("\\28");
                case ')' -> out.append("\\29");
                case '\0' -> out.append("\\00");
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    private static List<String> collect(NamingEnumeration<SearchResult> results) throws NamingException {
        List<String> out = new ArrayList<>();
        while (results.hasMore()) {
            out.add(results.next().getNameInNamespace());
        }
        return out;
    }

    @PostMapping("/staff/notify")
    public void notify(@RequestParam String topic, @RequestHeader("X-Campaign") String campaign) throws MessagingException {
        MimeMessage message = new MimeMessage(mail);
        message.setRecipient(Message.RecipientType.TO, new InternetAddress("watch@towpath.uk"));
        message.setSubject("Towpath notice");
        message.setHeader("X-Campaign", campaign);
        message.setHeader("X-Topic", topic.replaceAll("[\\r\\n]", ""));
        message.setText("A notice was posted.");
        jakarta.mail.Transport.send(message);
    }

    public ChannelSftp rosterUpload(String keyFile) throws JSchException {
        JSch jsch = new JSch();
        jsch.addIdentity(keyFile);
        jsch.setKnownHosts("/etc/towpath/known_hosts");
        Session session = jsch.getSession("roster", "files.towpath.uk", 22);
        session.setConfig(STRICT, "yes");
        session.connect(5_000);
        return (ChannelSftp) session.openChannel("sftp");
    }

    public ChannelSftp depotUpload(String keyFile) throws JSchException {
        JSch jsch = new JSch();
        jsch.addIdentity(keyFile);
        Session session = jsch.getSession("roster", "depot.towpath.uk", 22);
        Properties config = new Properties();
        config.put(STRICT, "no");
        session.setConfig(config);
        session.connect(5_000);
        return (ChannelSftp) session.openChannel("sftp");
    }
}
