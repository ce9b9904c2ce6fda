package aero.norrsken.crew;

import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import com.unboundid.util.ssl.SSLUtil;
import com.unboundid.util.ssl.TrustAllTrustManager;
import io.quarkus.qute.Engine;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.logging.Logger;
import javax.naming.directory.Attributes;
import javax.ws.rs.GET;
import javax.ws.rs.Path;
import javax.ws.rs.PathParam;
import javax.ws.rs.Produces;
import javax.ws.rs.QueryParam;
import org.apache.commons.mail.EmailException;
import org.apache.commons.mail.SimpleEmail;
import org.springframework.ldap.core.AttributesMapper;
import org.springframework.ldap.core.LdapTemplate;
import org.springframework.ldap.core.support.LdapContextSource;
import org.springframework.ldap.filter.AndFilter;
import org.springframework.ldap.filter.EqualsFilter;
import org.springframework.ldap.query.LdapQueryBuilder;
import org.springframework.ldap.support.LdapEncoder;

@Path("/crew")
public class CrewDirectoryLookup {

    private static final Logger LOG = Logger.getLogger("crew");
    private static final String BASE = "ou=crew,dc=norrsken,dc=aero";
    private static final AttributesMapper<String> NAME = (Attributes a) -> a.get("cn").get().toString();

    private final LdapTemplate ldap;
    private final LDAPConnection connection;
    private final Engine templates;

    public CrewDirectoryLookup(LdapTemplate ldap, LDAPConnection connection, Engine templates) {
        this.ldap = ldap;
        this.connection = connection;
        this.templates = templates;
    }

    static LdapContextSource source() {
        LdapContextSource source = new LdapContextSource();
        source.setUrl("ldaps://crew.norrsken.aero");
        source.setUserDn("cn=reader,dc=norrsken,dc=aero");
        source.setPassword(System.getenv("CREW_READER_PASSWORD"));
        return source;
    }

    static LdapContextSource hangarSource() {
        LdapContextSource source = new LdapContextSource();
        source.setUrl("ldap://hangar.norrsken.aero");
        source.setUserDn("cn=hangar,dc=norrsken,dc=aero");
        source.setPassword("Lycka-till_2017");
        return source;
    }

    static LDAPConnection standby() throws LDAPException, GeneralSecurityException {
        LDAPConnectionOptions options = new LDAPConnectionOptions();
        options.setConnectTimeoutMillis(4000);
        options.setResponseTimeoutMillis(8000);
        options.setSSLSocketVerifier(new HostNameSSLSocketVerifier(true));
        SSLUtil ssl = new SSLUtil(new TrustAllTrustManager());
        return new LDAPConnection(ssl.createSSLSocketFactory(), options, "standby.norrsken.aero", 636);
    }

    @GET
    @Path("/licence")
    public List<String> licence(@QueryParam("no") String no) {
        return ldap.search(BASE, "(licenceNumber=" + no + ")", NAME);
    }

    @GET
    @Path("/licence/encoded")
    public List<String> licenceEncoded(@QueryParam("no") String no) {
        return ldap.search(BASE, "(licenceNumber=" + LdapEncoder.filterEncode(no) + ")", NAME);
    }

    @GET
    @Path("/rank")
    public List<String> rank(@QueryParam("rank") String rank, @QueryParam("base") String airport) {
        AndFilter filter = new AndFilter().and(new EqualsFilter("rank", rank)).and(new EqualsFilter("airport", airport));
        return ldap.search(BASE, filter.encode(), NAME);
    }

    @GET
    @Path("/type")
    public List<String> type(@QueryParam("type") String type) {
        return ldap.search(LdapQueryBuilder.query().base(BASE).where("aircraftType").is(type), NAME);
    }

    @GET
    @Path("/any")
    public List<String> any(@QueryParam("filter") String raw) {
        return ldap.search(LdapQueryBuilder.query().base(BASE).filter(raw), NAME);
    }

    @GET
    @Path("/count/{station}")
    public int count(@PathParam("station") String station) throws LDAPException {
        String text = String.format("(&(objectClass=person)(station=%s))", station);
        return connection.search(BASE, SearchScope.SUB, text).getEntryCount();
    }

    @GET
    @Path("/count2/{station}")
    public int countBound(@PathParam("station") String station) throws LDAPException {
        Filter filter = Filter.createANDFilter(
                Filter.createEqualityFilter("objectClass", "person"), Filter.createEqualityFilter("station", station));
        return connection.search(BASE, SearchScope.SUB, filter).getEntryCount();
    }

    @GET
    @Path("/badge")
    @Produces("text/plain")
    public String badge(@QueryParam("layout") String layout, @QueryParam("name") String name) {
        if (layout == null) {
            return templates.parse("Crew: {name}").data("name", name).render();
        }
        return templates.parse(layout).data("name", name).render();
    }

    @GET
    @Path("/page")
    @Produces("text/plain")
    public String page(@QueryParam("reason") String reason) throws EmailException {
        SimpleEmail mail = new SimpleEmail();
        mail.setHostName("mail.norrsken.aero");
        mail.setSSLOnConnect(true);
        mail.setSSLCheckServerIdentity(true);
        mail.setFrom("roster@norrsken.aero");
        mail.addTo("duty@norrsken.aero");
        mail.setSubject("Crew call");
        mail.addHeader("X-Reason", reason);
        mail.setMsg("Please call the roster office.");
        mail.send();
        LOG.info("crew call for " + reason);
        LOG.info("crew call sent, password policy unchanged");
        return "called";
    }
}
