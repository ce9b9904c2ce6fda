package org.lindenlibrary.loans;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/ledger")
public class LendingLedgerController {

    private static final Logger LOG = LoggerFactory.getLogger(LendingLedgerController.class);
    private static final String LOAN_COLUMNS = "id, title, member_no, due_on";
    private static final Map<String, String> SORT_COLUMNS = Map.of("due", "due_on", "title", "title", "member", "member_no");
    private static final Set<String> BRANCH_TABLES = Set.of("loan_north", "loan_south", "loan_harbour");

    private final JdbcTemplate jdbc;
    private final NamedParameterJdbcTemplate named;
    private final DataSource dataSource;

    public LendingLedgerController(JdbcTemplate jdbc, NamedParameterJdbcTemplate named, DataSource dataSource) {
        this.jdbc = jdbc;
        this.named = named;
        this.dataSource = dataSource;
    }

    @GetMapping("/by-title")
    public List<Map<String, Object>> byTitle(@RequestParam String title) {
        String sql = "SELECT " + LOAN_COLUMNS + " FROM loan WHERE title LIKE '%" + title + "%'";
        return jdbc.queryForList(sql);
    }

    @GetMapping("/by-author")
    public List<Map<String, Object>> byAuthor(@RequestParam String author) {
        String sql = "SELECT " + LOAN_COLUMNS + " FROM loan WHERE author LIKE ?";
        return jdbc.queryForList(sql, "%" + author + "%");
    }

    @GetMapping("/overdue")
    public List<Map<String, Object>> overdue(@RequestParam(defaultValue = "due") String sort) {
        String column = SORT_COLUMNS.getOrDefault(sort, "due_on");
        return jdbc.queryForList("SELECT " + LOAN_COLUMNS + " FROM loan WHERE due_on < CURRENT_DATE ORDER BY " + column);
    }

    @GetMapping("/sorted")
    public List<Map<String, Object>> sorted(@RequestParam String order, @RequestParam int limit) {
        StringBuilder sql = new StringBuilder("SELECT ").append(LOAN_COLUMNS).append(" FROM loan");
        sql.append(" ORDER BY ").append(order);
        sql.append(" LIMIT ").append(limit);
        return jdbc.queryForList(sql.toString());
    }

    @GetMapping("/branch/{table}/count")
    public Integer countForBranch(@PathVariable String table) {
        if (!BRANCH_TABLES.contains(table)) {
            throw new IllegalArgumentException("unknown branch");
        }
        return jdbc.queryForObject("SELECT COUNT(*) FROM " + table, Integer.class);
    }

    @GetMapping("/member")
    public List<Map<String, Object>> forMember(@RequestParam String memberNo, @RequestParam(required = false) String shelf) {
        MapSqlParameterSource params = new MapSqlParameterSource("member", memberNo);
        StringBuilder where = new StringBuilder("member_no = :member");
        if (shelf != null) {
            where.append(" AND shelf = :shelf");
            params.addValue("shelf", shelf);
        }
        return named.queryForList("SELECT " + LOAN_COLUMNS + " FROM loan WHERE " + where, params);
    }

    @GetMapping("/shelves")
    public List<Map<String, Object>> onShelves(@RequestParam List<String> shelf) {
        String joined = "'" + String.join("','", shelf) + "'";
        return named.queryForList(
                "SELECT * FROM loan WHERE shelf IN (" + joined + ")", Map.of());
    }

    @GetMapping("/renewals/{id}")
    public int renewals(@PathVariable long id) throws SQLException {
        try (Connection c = dataSource.getConnection(); Statement st = c.createStatement();
                ResultSet rs = st.executeQuery("SELECT renewals FROM loan WHERE id = " + id)) {
            return rs.next() ? rs.getInt(1) : 0;
        }
    }

    @GetMapping("/card")
    public String cardHolder(@RequestParam("card") String cardNo) throws SQLException {
        try (Connection c = dataSource.getConnection(); Statement st = c.createStatement()) {
            ResultSet rs = st.executeQuery(String.format("SELECT holder FROM card WHERE no = '%s'", cardNo));
            return rs.next() ? rs.getString(1) : "";
        }
    }

    @GetMapping("/reserve")
    public List<String> reservations(@RequestParam String isbn, @RequestParam String from) throws SQLException {
        LocalDate start = LocalDate.parse(from);
        List<String> out = new ArrayList<>();
        try (Connection c = dataSource.getConnection();
                PreparedStatement ps = c.prepareStatement("SELECT member_no FROM reservation WHERE isbn = ? AND placed >= '" + start + "'")) {
            ps.setString(1, isbn);
            try (ResultSet rs = ps.executeQuery()) {
                while (rs.next()) {
                    out.add(rs.getString(1));
                }
            }
        }
        LOG.info("{} reservations since {}", out.size(), start);
        return out;
    }

    @GetMapping("/fines")
    public List<Map<String, Object>> fines(@RequestParam String reason) {
        LOG.info("fines requested for reason " + reason);
        return jdbc.queryForList(finesQuery(reason));
    }

    private static String finesQuery(String reason) {
        return "SELECT member_no, amount FROM fine WHERE reason = '".concat(reason).concat("'");
    }
}
