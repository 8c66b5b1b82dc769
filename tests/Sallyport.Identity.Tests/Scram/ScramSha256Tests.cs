using System.Security.Cryptography;
using System.Text;

namespace Sallyport.Identity.Tests;

public sealed class ScramSha256Tests
{
    [Fact]
    public void ExchangeOfRfc7677ProvesBothSides()
    {
        // RFC 7677 §3: user "user", password "pencil".
        const string AuthMessage =
            "n=user,r=rOprNGfwEbeRWgbNEkqO," +
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," +
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        var (storedKey, serverKey) = ScramSha256.Derive("pencil"u8, Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

        var message = Encoding.ASCII.GetBytes(AuthMessage);
        var proof = Convert.FromBase64String("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        var signature = HMACSHA256.HashData(storedKey, message);
        var clientKey = proof.Zip(signature, static (a, b) => (byte)(a ^ b)).ToArray();

        Assert.Equal(storedKey, SHA256.HashData(clientKey));
        Assert.Equal("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", Convert.ToBase64String(HMACSHA256.HashData(serverKey, message)));
    }

    [Fact]
    public void OnlyPlainAsciiIsTakenAsAPassword()
    {
        Assert.True(ScramSha256.IsPreparable("pencil ~\t"u8));
        Assert.False(ScramSha256.IsPreparable("café"u8));
        Assert.False(ScramSha256.IsPreparable([]));
    }

    [Fact]
    public void SaltIsTheLoginsOwnWithoutCaseAndDiffersByKey()
    {
        var salts = new LoginSalts(new byte[32]);
        var others = new LoginSalts(Enumerable.Repeat((byte)1, 32).ToArray());
        Assert.Equal(ScramSha256.SaltLength, salts.Of("ana").Length);
        Assert.Equal(salts.Of("Ana"), salts.Of("aNA"));
        Assert.NotEqual(salts.Of("ana"), salts.Of("dana"));
        Assert.NotEqual(salts.Of("ana"), others.Of("ana"));
    }

    [Fact]
    public void KeyFileIsMadeOnceAndADamagedOneIsNotReplaced()
    {
        var folder = Directory.CreateTempSubdirectory("sallyport-");
        try
        {
            var path = Path.Combine(folder.FullName, "salt.key");
            var made = LoginSalts.LoadOrCreate(path, out _);
            var loaded = LoginSalts.LoadOrCreate(path, out _);
            Assert.Equal(made!.Of("ana"), loaded!.Of("ana"));

            File.WriteAllBytes(path, new byte[31]);
            Assert.Null(LoginSalts.LoadOrCreate(path, out var error));
            Assert.Contains(path, error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
