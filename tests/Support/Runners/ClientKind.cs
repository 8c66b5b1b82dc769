namespace Sallyport.Testing.Runners;

/// <summary>The real clients that are run as programs of their own. Npgsql runs inside the test.</summary>
public enum ClientKind
{
    /// <summary>psql 15 on libpq 15; scenarios are scripts, and the output is psql's unaligned rows.</summary>
    Psql,

    /// <summary>psql 15 on libpq 18, which speaks protocol 3.2.</summary>
    PsqlOnLibpq18,

    Psycopg2,

    Psycopg3,

    Asyncpg,

    NodePg,

    Jdbc,
}

/// <summary>What a client is asked to do; each client implements those its driver has a way to.</summary>
public enum Scenario
{
    /// <summary>A value and a null of every common type, in text and where the driver can in binary.</summary>
    Types,

    /// <summary>One statement, prepared once and run five times.</summary>
    Prepared,

    /// <summary>Many commands in flight at once, one failing among them.</summary>
    Pipeline,

    /// <summary>Commit, rollback, savepoints.</summary>
    Transaction,

    /// <summary>COPY in and out.</summary>
    Copy,

    /// <summary>A failing command, then one that works.</summary>
    Error,

    /// <summary>A NoticeResponse reaches the program.</summary>
    Notice,

    /// <summary>A running command is cancelled; the next works.</summary>
    Cancel,

    /// <summary>Rows fetched in portions of ten.</summary>
    Cursor,

    /// <summary>100,000 rows of 100 bytes.</summary>
    Big,
}
