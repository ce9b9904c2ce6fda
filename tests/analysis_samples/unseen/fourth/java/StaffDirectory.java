package org.hillview.hospice.directory;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import javax.naming.directory.SearchControls;
import javax.naming.directory.SearchResult;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.springframework.http.ResponseEntity;
import org.springframework.ldap.core.LdapTemplate;
import org.springframework.ldap.query.LdapQueryBuilder;
import org.springframework.ldap.support.LdapEncoder;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
public class StaffDirectory {

    private static final Logger LOGGER = LogManager.getLogger(StaffDirectory.class);
    private static final String BASE = "ou=staff,dc=hillview,dc=example";
    private static final Map<String, Class<? extends Runnable>> JOBS = Map.of("sync", SyncJob.class);

    private final LdapTemplate ldap;

    public StaffDirectory(LdapTemplate ldap) {
        this.ldap = ldap;
    }

    private DirContext open() throws NamingException {
        Hashtable<String, String> env = new Hashtable<>();
        env.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        env.put(Context.PROVIDER_URL, "ldaps://dir.hillview.example:636");
        env.put(Context.SECURITY_AUTHENTICATION, "simple");
        env.put(Context.SECURITY_PRINCIPAL, "cn=portal," + BASE);
        env.put(Context.SECURITY_CREDENTIALS, System.getenv("DIRECTORY_PASSWORD"));
        env.put("com.sun.jndi.ldap.connect.timeout", "5000");
        env.put("com.sun.jndi.ldap.read.timeout", "8000");
        return new InitialDirContext(env);
    }

    private DirContext openAnnex() throws NamingException {
        Hashtable<String, Object> env = new Hashtable<>();
        env.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        env.put(Context.PROVIDER_URL, "ldap://annex.hillview.example:389");
        env.put(Context.SECURITY_PRINCIPAL, "cn=portal,dc=annex,dc=example");
        env.put(Context.SECURITY_CREDENTIALS, "Br00mstick!Annex");
        env.put("com.sun.jndi.ldap.connect.timeout", "5000");
        env.put("com.sun.jndi.ldap.read.timeout", "8000");
        return new InitialDirContext(env);
    }

    @GetMapping("/staff/by-uid")
    public List<String> byUid(@RequestParam String uid) throws NamingException {
        DirContext ctx = open();
        SearchControls oneLevel = new SearchControls();
        oneLevel.setSearchScope(SearchControls.ONELEVEL_SCOPE);
        return names(ctx.search(BASE, "(uid=" + uid + ")", oneLevel));
    }

    @GetMapping("/staff/by-mail")
    public List<String> byMail(@RequestParam String mail) throws NamingException {
        DirContext ctx = open();
        SearchControls tree = new SearchControls();
        tree.setSearchScope(SearchControls.SUBTREE_SCOPE);
        return names(ctx.search(BASE, "(&(objectClass=person)(mail={0}))", new Object[] {mail}, tree));
    }

    @GetMapping("/staff/by-ward/{ward}")
    public List<String> byWard(@PathVariable String ward) throws NamingException {
        String filter = String.format("(&(objectClass=person)(ou=%s))", LdapEncoder.filterEncode(ward));
        return names(openAnnex().search(BASE, filter, new SearchControls()));
    }

    @GetMapping("/staff/find")
    public List<String> find(@RequestParam List<String> words) throws NamingException {
        StringBuilder filter = new StringBuilder("(|");
        for (String w : words) {
            filter.append("(cn=*").append(w.trim().toLowerCase(Locale.ROOT)).append("*)");
        }
        filter.append(')');
        return names(open().search(BASE, filter.toString(), new SearchControls()));
    }

    @GetMapping("/staff/phones")
    public List<String> phones(@RequestParam String surname) {
        return ldap.search(LdapQueryBuilder.query().base("ou=staff").where("sn").is(surname),
                (org.springframework.ldap.core.AttributesMapper<String>) a -> (String) a.get("telephoneNumber").get());
    }

    @GetMapping("/staff/duty")
    public List<String> duty(@RequestParam int shift) {
        return ldap.search("ou=duty", "(shift=" + shift + ")",
                (org.springframework.ldap.core.AttributesMapper<String>) a -> (String) a.get("cn").get());
    }

    @GetMapping("/staff/filter")
    public List<String> filter(@RequestParam String pattern) throws NamingException {
        Pattern p = Pattern.compile(pattern);
        return everyone().stream().filter(n -> p.matcher(n).find()).collect(Collectors.toList());
    }

    @GetMapping("/staff/containing")
    public List<String> containing(@RequestParam String part) throws NamingException {
        Pattern p = Pattern.compile(Pattern.quote(part), Pattern.CASE_INSENSITIVE);
        return everyone().stream().filter(n -> p.matcher(n).find()).collect(Collectors.toList());
    }

    @PostMapping("/jobs/any")
    public ResponseEntity<Void> runAny(@RequestParam String job) throws ReflectiveOperationException {
        Class.forName("org.hillview.hospice.jobs." + job).getDeclaredConstructor().newInstance();
        return ResponseEntity.accepted().build();
    }

    @PostMapping("/jobs/listed")
    public ResponseEntity<Void> runListed(@RequestParam String job) throws ReflectiveOperationException {
        Class<? extends Runnable> type = JOBS.get(job);
        if (type == null) {
            return ResponseEntity.notFound().build();
        }
        type.getDeclaredConstructor().newInstance().run();
        return ResponseEntity.accepted().build();
    }

    @PostMapping("/staff/check")
    public boolean check(@RequestParam String uid, @RequestParam String password) {
        boolean ok = ldap.authenticate("ou=staff", "(uid=" + LdapEncoder.filterEncode(uid) + ")", password);
        if (!ok) {
            LOGGER.warn("wrong password {}", password.replaceAll("\\R", ""));
        }
        LOGGER.info("sign-in result {}", ok);
        return ok;
    }

    private List<String> everyone() throws NamingException {
        return names(open().search(BASE, "(objectClass=person)", new SearchControls()));
    }

    private static List<String> names(NamingEnumeration<SearchResult> found) throws NamingException {
        List<String> out = new ArrayList<>();
        while (found.hasMore()) {
            out.add(found.next().getNameInNamespace());
        }
        return out;
    }

    static class SyncJob implements Runnable {
        @Override
        public void run() {
            LOGGER.info("directory sync requested");
        }
    }
}
