import java.io.StringReader;
import java.io.StringWriter;
import java.sql.*;
import java.util.Properties;
import org.postgresql.PGConnection;

/** pgjdbc: run as `java -cp postgresql.jar Main.java SCENARIO`; connection from libpq's environment. */
public final class Main {
    private static final String[][] TYPES = {
        {"bool", "true"}, {"int2", "'-2'"}, {"int4", "2147483647"}, {"int8", "'-9223372036854775808'"}, {"float8", "'-2.25'"},
        {"numeric", "12345.6789"}, {"text", "'naïve'"}, {"date", "'2026-11-22'"}, {"timestamp", "'2026-11-22 10:20:30.5'"},
        {"uuid", "'6f9619ff-8b86-d011-b42d-00c04fc964ff'"}, {"jsonb", "'{\"a\": [1, null]}'"}, {"int4[]", "'{1,2,NULL}'"},
    };

    public static void main(String[] arguments) throws Exception {
        var properties = new Properties();
        properties.setProperty("user", System.getenv("PGUSER"));
        properties.setProperty("password", System.getenv("PGPASSWORD"));
        properties.setProperty("sslmode", System.getenv("PGSSLMODE"));
        properties.setProperty("gssEncMode", "disable");
        if (System.getenv("PGSSLROOTCERT") != null)
            properties.setProperty("sslrootcert", System.getenv("PGSSLROOTCERT"));
        var url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
        try (var connection = DriverManager.getConnection(url, properties)) {
            switch (arguments[0]) {
                case "types" -> types(connection);
                case "prepared" -> prepared(connection);
                case "pipeline" -> pipeline(connection);
                case "transaction" -> transaction(connection);
                case "copy" -> copy(connection);
                case "error" -> error(connection);
                case "notice" -> notice(connection);
                case "cancel" -> cancel(connection);
                case "cursor" -> cursor(connection);
                case "big" -> big(connection);
                default -> System.exit(64);
            }
        }
    }

    private static void report(String check, Object value) {
        var text = value instanceof Number ? value.toString()
            : "\"" + String.valueOf(value).replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        System.out.println("{\"check\": \"" + check + "\", \"value\": " + text + "}");
    }

    private static Object one(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement(); var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getObject(1);
        }
    }

    private static void types(Connection connection) throws SQLException {
        for (var type : TYPES) {
            // From the fifth run on the driver asks for binary.
            try (var statement = connection.prepareStatement("select " + type[1] + "::" + type[0])) {
                for (var i = 0; i < 7; i++) {
                    try (var rows = statement.executeQuery()) {
                        rows.next();
                        if (i == 0 || i == 6)
                            report(type[0] + (i == 0 ? " text" : " binary"), rows.getString(1));
                    }
                }
            }
        }
    }

    private static void prepared(Connection connection) throws SQLException {
        try (var statement = connection.prepareStatement("select ?::int * 2")) {
            statement.unwrap(org.postgresql.PGStatement.class).setPrepareThreshold(2);
            for (var i = 0; i < 5; i++) {
                statement.setInt(1, i);
                try (var rows = statement.executeQuery()) {
                    rows.next();
                    report("row", rows.getInt(1));
                }
            }
        }
    }

    private static void pipeline(Connection connection) throws SQLException {
        connection.createStatement().execute("create temp table t(a int primary key)");
        try (var statement = connection.prepareStatement("insert into t values (?)")) {
            for (var i = 0; i < 200; i++) {
                statement.setInt(1, i);
                statement.addBatch();
            }
            report("batch", statement.executeBatch().length);
        }
        report("rows", one(connection, "select count(*) from t"));
    }

    private static void transaction(Connection connection) throws SQLException {
        connection.createStatement().execute("create temp table t(a int)");
        connection.setAutoCommit(false);
        connection.createStatement().execute("insert into t values (1)");
        connection.rollback();
        report("after rollback", one(connection, "select count(*) from t"));
        connection.commit();
    }

    private static void copy(Connection connection) throws Exception {
        connection.createStatement().execute("create temp table t(a int, b text)");
        var lines = new StringBuilder();
        for (var i = 0; i < 1000; i++)
            lines.append(i).append("\tline ").append(i).append('\n');
        var copy = connection.unwrap(PGConnection.class).getCopyAPI();
        copy.copyIn("copy t from stdin", new StringReader(lines.toString()));
        var out = new StringWriter();
        report("lines", copy.copyOut("copy t to stdout", out));
    }

    private static void error(Connection connection) throws SQLException {
        try {
            one(connection, "select * from no_such_table");
        } catch (SQLException failure) {
            report("sqlstate", failure.getSQLState());
        }
        report("next command", one(connection, "select 1"));
    }

    private static void notice(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("do $$ begin raise notice 'seen'; end $$");
            report("notice", statement.getWarnings().getMessage());
        }
    }

    private static void cancel(Connection connection) throws Exception {
        try (var statement = connection.createStatement()) {
            new Thread(() -> {
                try {
                    Thread.sleep(300);
                    statement.cancel();
                } catch (Exception failure) {
                    report("cancel failed", failure);
                }
            }).start();
            statement.execute("select pg_sleep(30)");
        } catch (SQLException failure) {
            report("sqlstate", failure.getSQLState());
        }
        report("next command", one(connection, "select 1"));
    }

    private static void cursor(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        var sum = 0L;
        try (var statement = connection.createStatement()) {
            statement.setFetchSize(10);
            try (var rows = statement.executeQuery("select * from generate_series(1, 105)")) {
                while (rows.next())
                    sum += rows.getInt(1);
            }
        }
        report("sum", sum);
        connection.commit();
    }

    private static void big(Connection connection) throws SQLException {
        var bytes = 0L;
        try (var rows = connection.createStatement().executeQuery("select repeat('x', 100) from generate_series(1, 100000)")) {
            while (rows.next())
                bytes += rows.getString(1).length();
        }
        report("bytes", bytes);
    }
}
