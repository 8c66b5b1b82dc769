using Sallyport.Postgres.Sql;

namespace Sallyport.Postgres.Tests.Sql;

[Collection(SqlReaderCollection.Name)]
public sealed class SqlReaderConcurrencyTests(SqlReaderFixture sql)
{
    [Fact]
    public void EightThreadsOfGoodBadAndHostileTextEachGetTheirOwnAnswer()
    {
        var hostile = "select " + string.Join("+", Enumerable.Repeat("1", 6_000));
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            for (var i = 0; i < 200; i++)
            {
                var n = worker * 1_000 + i;
                switch (i % 10)
                {
                    case 3:
                        Assert.Equal($"syntax error: syntax error at or near \"t{n}\"", sql.Read($"drop t{n}").Effects[0].Detail);
                        break;
                    case 7 when i % 50 == 7:
                        Assert.True(sql.Read($"{hostile} + {n}").IsOpaque);
                        break;
                    default:
                        Assert.Equal($"write delete t{n} where", SqlReaderFixture.Describe(sql.Read($"delete from t{n} where id = 1")));
                        break;
                }
            }
        });
    }

    [Fact]
    public void ADamagedCompiledGrammarIsMadeAnew()
    {
        var folder = Directory.CreateTempSubdirectory("grammar").FullName;
        try
        {
            var options = new SqlReaderOptions { CacheFolder = folder };
            var whole = Assert.Single(Directory.GetFiles(SqlReaderFixture.CacheFolder, "*.cwasm"));
            var file = Path.Combine(folder, Path.GetFileName(whole));
            var bytes = File.ReadAllBytes(whole);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(file, bytes);

            using var reader = SqlReader.Create(options);

            Assert.Equal("drop truncate t", SqlReaderFixture.Describe(reader.Read("truncate t"u8)));
            Assert.NotEqual(bytes, File.ReadAllBytes(file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void ACacheFolderThatCannotBeWrittenIsNoProblem()
    {
        using var reader = SqlReader.Create(new SqlReaderOptions { CacheFolder = "/proc/none/such" });

        Assert.Equal("read select t", SqlReaderFixture.Describe(reader.Read("table t"u8)));
    }
}
