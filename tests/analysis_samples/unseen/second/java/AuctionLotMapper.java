package house.gavelry.lots;

import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.CookieValue;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.ibatis.annotations.Delete;
import org.apache.ibatis.annotations.Mapper;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.annotations.SelectProvider;
import org.apache.ibatis.annotations.Update;
import org.apache.ibatis.jdbc.SQL;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.jdbi.v3.core.Jdbi;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.impl.DSL;

@Controller("/lots")
public class AuctionLotMapper {

    enum Order { ESTIMATE, NUMBER }

    private static final Map<Order, String> ORDER_BY = new EnumMap<>(Map.of(Order.ESTIMATE, "estimate", Order.NUMBER, "number"));

    @Mapper
    interface Lots {
        @Select("SELECT * FROM lot WHERE sale_no = #{sale}")
        List<Map<String, Object>> inSale(@Param("sale") String sale);

        @Select("SELECT * FROM lot WHERE consignor = '${consignor}'")
        List<Map<String, Object>> ofConsignor(@Param("consignor") String consignor);

        @Update("UPDATE lot SET reserve = #{reserve} WHERE number = #{number}")
        int reserve(@Param("number") int number, @Param("reserve") long reserve);

        @Delete({"DELETE FROM bid", "WHERE lot_no = #{lot}", "AND bidder = #{bidder}"})
        int withdraw(@Param("lot") int lot, @Param("bidder") String bidder);

        @SelectProvider(type = LotQueries.class, method = "cheap")
        List<Map<String, Object>> cheap(@Param("limit") long limit);
    }

    public static class LotQueries {
        public String cheap() {
            return new SQL().SELECT("*").FROM("lot").WHERE("estimate < #{limit}").ORDER_BY("number").toString();
        }
    }

    private final Lots lots;
    private final SessionFactory sessions;
    private final DSLContext dsl;
    private final Jdbi jdbi;

    AuctionLotMapper(Lots lots, SessionFactory sessions, DSLContext dsl, Jdbi jdbi) {
        this.lots = lots;
        this.sessions = sessions;
        this.dsl = dsl;
        this.jdbi = jdbi;
    }

    @Get("/consignor/{name}")
    List<Map<String, Object>> consignor(@PathVariable String name) {
        return lots.ofConsignor(name);
    }

    @Get("/title")
    List<Object[]> title(@QueryValue String words) {
        String hql = "select l.number, l.title from Lot l where 1 = 1";
        for (String word : words.split(" ")) {
            hql += " and l.title like '%" + word + "%'";
        }
        try (Session session = sessions.openSession()) {
            return session.createQuery(hql, Object[].class).list();
        }
    }

    @Get("/title2")
    List<Object[]> titleBound(@QueryValue String words) {
        List<String> wanted = Arrays.asList(words.split(" "));
        String hql = "select l.number, l.title from Lot l where l.title in (:wanted)";
        try (Session session = sessions.openSession()) {
            return session.createQuery(hql, Object[].class).setParameterList("wanted", wanted).list();
        }
    }

    @Get("/room")
    List<?> room(@CookieValue("room") String room) {
        try (Session session = sessions.openSession()) {
            return session.createNativeQuery("SELECT number FROM lot WHERE room = '%s'".formatted(room), Integer.class).list();
        }
    }

    @Get("/ordered")
    List<Integer> ordered(@QueryValue Order by) {
        try (Session session = sessions.openSession()) {
            return session.createNativeQuery("SELECT number FROM lot ORDER BY " + ORDER_BY.get(by), Integer.class).list();
        }
    }

    @Get("/artist")
    int artist(@QueryValue String artist) {
        Result<Record> rows = dsl.fetch("select * from lot where artist = '" + artist + "'");
        return rows.size();
    }

    @Get("/artist2")
    int artistBound(@QueryValue String artist) {
        return dsl.fetch("select * from lot where artist = ?", artist).size()
                + dsl.fetchCount(DSL.table("lot"), DSL.field("artist").eq(artist));
    }

    @Post("/bids")
    int bids(@Body Map<String, String> bid) {
        String paddle = bid.get("paddle");
        return jdbi.withHandle(handle ->
                handle.createQuery("SELECT COUNT(*) FROM bid WHERE paddle = '" + paddle + "'").mapTo(Integer.class).one());
    }

    @Post("/bids2")
    int bidsBound(@Body Map<String, String> bid) {
        return jdbi.withHandle(handle ->
                handle.createQuery("SELECT COUNT(*) FROM bid WHERE paddle = :paddle").bind("paddle", bid.get("paddle")).mapTo(Integer.class).one());
    }

    @Get("/numbers")
    List<Integer> numbers(@QueryValue List<Integer> number) {
        List<String> literals = new ArrayList<>();
        for (Integer n : number) {
            literals.add(String.valueOf(n));
        }
        return jdbi.withHandle(h -> h.createQuery("SELECT number FROM lot WHERE number IN (" + String.join(",", literals) + ")").mapTo(Integer.class).list());
    }
}
